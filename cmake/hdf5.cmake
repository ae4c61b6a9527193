# HDF5, whatever it is called here: the target gd_hdf5. Serial where there are both; a parallel one serves as well, since
# we use nothing of what sets them apart.
find_package(HDF5 QUIET COMPONENTS C)
add_library(gd_hdf5 INTERFACE)
if(HDF5_FOUND)
  set(libraries hdf5::hdf5)
  if(NOT TARGET hdf5::hdf5 OR HDF5_C_LIBRARIES MATCHES "libhdf5[^;]*\\.a(;|$)") # then with all that it needs
    set(libraries ${HDF5_C_LIBRARIES})
  endif()
  target_include_directories(gd_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
  target_link_libraries(gd_hdf5 INTERFACE ${libraries})
  set(parallel ${HDF5_IS_PARALLEL})
else()
  pkg_search_module(GD_HDF5 IMPORTED_TARGET hdf5-serial hdf5 hdf5-openmpi hdf5-mpich)
  if(NOT GD_HDF5_FOUND)
    message(FATAL_ERROR "HDF5 was not found (Debian: libhdf5-dev); where it lies in a folder of its own, say so with "
                        "-DHDF5_ROOT=FOLDER")
  endif()
  target_link_libraries(gd_hdf5 INTERFACE PkgConfig::GD_HDF5)
  set(parallel TRUE) # perhaps
endif()
if(parallel) # its headers include mpi.h
  target_include_directories(gd_hdf5 SYSTEM INTERFACE ${MPI_C_INCLUDE_DIRS})
endif()
