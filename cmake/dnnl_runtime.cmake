# oneDNN computes with OpenMP here: our threads bring a team for each window, which a build with TBB or threads of its
# own would not use, and a SYCL build has no engine for. Debian's, EPEL's, Ubuntu's and Spack's are built so.
find_file(DNNL_CONFIG NAMES oneapi/dnnl/dnnl_config.h dnnl_config.h PATHS ${DNNL_INCLUDE_DIR} NO_DEFAULT_PATH NO_CACHE)
set(runtime unknown)
if(DNNL_CONFIG)
  file(STRINGS ${DNNL_CONFIG} runtime REGEX "^#define DNNL_CPU_RUNTIME DNNL_RUNTIME_")
  string(REGEX REPLACE ".*DNNL_RUNTIME_" "" runtime "${runtime}")
endif()
if(NOT runtime STREQUAL OMP)
  message(FATAL_ERROR "oneDNN at ${DNNL_LIBRARY} is built for ${runtime}, gigadream needs one built for OpenMP "
                      "(DNNL_CPU_RUNTIME=OMP, oneDNN's default): install it (Debian: libdnnl-dev), and name it with "
                      "-DDNNL_INCLUDE_DIR=FOLDER -DDNNL_LIBRARY=FILE")
endif()
