# `cpack` in the build folder makes gigadream_VERSION_ARCHITECTURE.deb, whose dependencies are the packages of the
# libraries that the program was linked with (dpkg-shlibdeps), and gigadream-VERSION-Linux-ARCHITECTURE.tar.gz.
set(CPACK_GENERATOR "TGZ")
find_program(GD_DPKG_SHLIBDEPS dpkg-shlibdeps)
find_program(GD_FILE file) # by which cpack knows programs
mark_as_advanced(GD_DPKG_SHLIBDEPS GD_FILE)
if(GD_DPKG_SHLIBDEPS AND GD_FILE)
  list(APPEND CPACK_GENERATOR "DEB")
endif()
set(CPACK_PACKAGE_CONTACT "the developers of gigadream <gigadream@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Deep Dream for pictures of any size, on one machine or on many")
set(CPACK_PACKAGE_FILE_NAME "gigadream-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "openmpi-bin") # mpirun; one rank needs Open MPI's daemon, too
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "\
gigadream changes a picture until chosen layers of an Inception network answer more strongly. It cuts the picture into
 overlapping tiles, computes them on processors or NVIDIA GPUs, alone or under MPI, and writes JPEG, PNG and TIFF.")
include(CPack)
