# The GPU backend's half of the configuration. Sets GD_HAVE_CUDA, and when it is true GD_CUDA_NVCC,
# GD_CUDA_ARCHITECTURES and the targets gd_cuda_headers, gd_cudart, gd_cudnn_lib and gd_nccl.
#
# The .cu files are compiled by commands of our own (kernels/cuda), not by CMake's CUDA language: that one tries the
# compiler with libraries which the wheels keep elsewhere, and would have nvcc link the programs.

set(GD_CUDA AUTO CACHE STRING "The GPU backend: AUTO (built when CUDA, cuDNN and NCCL are found), ON or OFF")
set_property(CACHE GD_CUDA PROPERTY STRINGS AUTO ON OFF)

option(GD_CUDA_LINEINFO "Kernels name their lines to profilers and checkers, and so this source folder" OFF)

option(GD_CUBLASLT "1x1 convolutions are matrix products of cuBLASLt, where its header is found; else of cuDNN" ON)

set(GD_HAVE_CUDA FALSE)
if(NOT GD_CUDA MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "GD_CUDA=${GD_CUDA}: it is AUTO, ON or OFF")
endif()
if(NOT GD_CUDA STREQUAL "OFF")
  include(${CMAKE_CURRENT_LIST_DIR}/find_cuda.cmake)
  if(NOT GD_CUDA_MISSING)
    set(GD_HAVE_CUDA TRUE)
  elseif(GD_CUDA STREQUAL "ON")
    message(FATAL_ERROR "GD_CUDA=ON, but this was not found: ${GD_CUDA_MISSING}. scripts/setup.sh --cuda brings what "
                        "is missing; or say where it is with -DGD_CUDA_ROOT=FOLDER.")
  else()
    message(STATUS "The GPU backend is left out; not found: ${GD_CUDA_MISSING} (scripts/setup.sh --cuda brings it)")
  endif()
endif()

# Those of the architectures that we build for which this nvcc knows.
function(gd_cuda_architectures)
  execute_process(COMMAND ${GD_CUDA_NVCC} --list-gpu-code OUTPUT_VARIABLE known COMMAND_ERROR_IS_FATAL ANY)
  set(architectures)
  foreach(architecture 80 86 89 90 100)
    if(known MATCHES "sm_${architecture}[^0-9]")
      list(APPEND architectures ${architecture})
    endif()
  endforeach()
  set(GD_CUDA_ARCHITECTURES "${architectures}" CACHE STRING
      "GPU architectures to compile for; the last of them also as PTX, which newer GPUs compile for themselves")
endfunction()

# gd_cuda_part(TARGET PART): headers and library of what was found; in programs that are installed, too, it is found
# where it lies.
macro(gd_cuda_part target part)
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE ${GD_${part}_INCLUDE})
  target_link_libraries(${target} INTERFACE ${GD_${part}_LIBRARY})
  cmake_path(GET GD_${part}_LIBRARY PARENT_PATH folder)
  list(APPEND CMAKE_INSTALL_RPATH ${folder})
endmacro()

if(GD_HAVE_CUDA)
  enable_language(CXX)
  gd_cuda_architectures()
  gd_cuda_part(gd_cudart CUDART)
  gd_cuda_part(gd_cudnn_lib CUDNN)
  # cuBLASLt is not linked but loaded when it is needed (kernels/cuda/product/cublaslt_loader.c), from here:
  cmake_path(GET GD_CUBLASLT_LIBRARY PARENT_PATH folder)
  list(APPEND CMAKE_INSTALL_RPATH ${folder})
  list(APPEND CMAKE_BUILD_RPATH ${folder})
  gd_cuda_part(gd_nccl NCCL)
  list(REMOVE_DUPLICATES CMAKE_INSTALL_RPATH)
  add_library(gd_cuda_headers INTERFACE)
  target_include_directories(gd_cuda_headers SYSTEM INTERFACE ${GD_CUDART_INCLUDE} ${GD_CUDNN_INCLUDE}
                                                             ${GD_CUBLASLT_INCLUDE} ${GD_NCCL_INCLUDE})
  list(JOIN GD_CUDA_ARCHITECTURES " " architectures)
  message(STATUS "The GPU backend is built with ${GD_CUDA_NVCC}, cuDNN ${GD_CUDNN_VERSION} (${GD_CUDNN_LIBRARY}) "
                 "and NCCL (${GD_NCCL_LIBRARY}), for architectures ${architectures}")
  if(GD_CUBLASLT_INCLUDE)
    message(STATUS "1x1 convolutions are products of cuBLASLt (${GD_CUBLASLT_LIBRARY})")
  else()
    message(STATUS "1x1 convolutions are cuDNN's, as cublasLt.h was not found or GD_CUBLASLT is OFF")
  endif()
endif()
