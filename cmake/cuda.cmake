# Finds what the GPU backend is built with: the CUDA toolkit, cuDNN and NCCL. Sets GD_HAVE_CUDA, GD_CUDA_NVCC and
# GD_CUDA_ARCHITECTURES, and makes the targets gd_cuda_headers, gd_cudart, gd_cudnn_lib and gd_nccl.
#
# The toolkit is taken from one place whole, the first that holds nvcc, its headers and its run-time library; cuDNN
# and NCCL come from there, from the other places, or from where the system keeps libraries. The .cu files are
# compiled by commands of our own (kernels/cuda), not by CMake's CUDA language: that one tries the compiler with
# libraries which the PyPI wheels keep elsewhere, and would have nvcc link the program.

set(GD_CUDA AUTO CACHE STRING "The GPU backend: AUTO (built when CUDA, cuDNN and NCCL are found), ON or OFF")
set_property(CACHE GD_CUDA PROPERTY STRINGS AUTO ON OFF)
set(GD_CUDA_ROOT "$ENV{GD_CUDA_ROOT}" CACHE PATH "The only place to look for CUDA, cuDNN and NCCL; empty: all")
set(GD_CUDNN_OLDEST 9.8)

# The folders that hold a bin/, include/ or lib/ each.
function(gd_cuda_places result)
  if(GD_CUDA_ROOT)
    set(roots ${GD_CUDA_ROOT})
  else()
    find_program(nvcc nvcc NO_CACHE)
    if(nvcc)
      file(REAL_PATH "${nvcc}" nvcc)
      cmake_path(GET nvcc PARENT_PATH nvcc)
      cmake_path(GET nvcc PARENT_PATH nvcc)
    else()
      set(nvcc "")
    endif()
    set(roots "${CUDAToolkit_ROOT}" "$ENV{CUDAToolkit_ROOT}" "$ENV{CUDA_HOME}" "$ENV{CUDA_PATH}" "$ENV{CONDA_PREFIX}"
              "${nvcc}" /usr/local/cuda /opt/cuda "${PROJECT_SOURCE_DIR}/.cuda")
  endif()
  set(places)
  foreach(root IN LISTS roots)
    if(IS_DIRECTORY "${root}")
      # In a Python environment, conda's or our own, NVIDIA's wheels put one folder each.
      file(GLOB wheels "${root}/lib/python3*/site-packages/nvidia/cu[0-9]*"
           "${root}/lib/python3*/site-packages/nvidia/cudnn" "${root}/lib/python3*/site-packages/nvidia/nccl")
      list(APPEND places "${root}" ${wheels})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES places)
  set(${result} ${places} PARENT_SCOPE)
endfunction()

set(GD_CUDA_HEADER_FOLDERS include targets/x86_64-linux/include targets/sbsa-linux/include)
set(GD_CUDA_LIBRARY_FOLDERS lib64 lib targets/x86_64-linux/lib targets/sbsa-linux/lib)

# Sets GD_CUDA_NVCC, GD_CUDA_INCLUDE and GD_CUDART from the first place that has them all.
macro(gd_find_toolkit)
  foreach(place IN LISTS GD_CUDA_PLACES)
    unset(GD_CUDA_NVCC CACHE)
    unset(GD_CUDA_INCLUDE CACHE)
    unset(GD_CUDART CACHE)
    find_program(GD_CUDA_NVCC nvcc PATHS "${place}/bin" NO_DEFAULT_PATH)
    find_path(GD_CUDA_INCLUDE cuda_runtime_api.h PATHS "${place}" PATH_SUFFIXES ${GD_CUDA_HEADER_FOLDERS}
              NO_DEFAULT_PATH)
    find_library(GD_CUDART NAMES cudart libcudart.so.13 libcudart.so.12 PATHS "${place}"
                 PATH_SUFFIXES ${GD_CUDA_LIBRARY_FOLDERS} NO_DEFAULT_PATH)
    if(GD_CUDA_NVCC AND GD_CUDA_INCLUDE AND GD_CUDART)
      break()
    endif()
  endforeach()
endmacro()

# gd_find_cuda_library(NAME header.h library...): sets NAME_INCLUDE and NAME_LIBRARY.
macro(gd_find_cuda_library name header)
  unset(${name}_INCLUDE CACHE)
  unset(${name}_LIBRARY CACHE)
  find_path(${name}_INCLUDE ${header} PATHS ${GD_CUDA_PLACES} PATH_SUFFIXES ${GD_CUDA_HEADER_FOLDERS} NO_DEFAULT_PATH)
  find_library(${name}_LIBRARY NAMES ${ARGN} PATHS ${GD_CUDA_PLACES} PATH_SUFFIXES ${GD_CUDA_LIBRARY_FOLDERS}
               NO_DEFAULT_PATH)
  if(NOT GD_CUDA_ROOT)
    find_path(${name}_INCLUDE ${header})
    find_library(${name}_LIBRARY NAMES ${ARGN})
  endif()
endmacro()

# What of the three is not here, in words; empty when all are.
macro(gd_find_cuda missing)
  gd_cuda_places(GD_CUDA_PLACES)
  set(${missing})
  gd_find_toolkit()
  if(NOT (GD_CUDA_NVCC AND GD_CUDA_INCLUDE AND GD_CUDART))
    list(APPEND ${missing} "the CUDA toolkit")
  endif()
  gd_find_cuda_library(GD_CUDNN cudnn_version.h cudnn libcudnn.so.9)
  if(GD_CUDNN_INCLUDE AND GD_CUDNN_LIBRARY)
    file(STRINGS "${GD_CUDNN_INCLUDE}/cudnn_version.h" lines REGEX "^#define CUDNN_(MAJOR|MINOR|PATCHLEVEL) ")
    string(REGEX REPLACE "#define CUDNN_[A-Z]+ +([0-9]+)" "\\1" lines "${lines}")
    list(JOIN lines "." GD_CUDNN_VERSION)
    if(GD_CUDNN_VERSION VERSION_LESS GD_CUDNN_OLDEST)
      list(APPEND ${missing} "cuDNN ${GD_CUDNN_OLDEST} or newer (${GD_CUDNN_LIBRARY} is ${GD_CUDNN_VERSION})")
    endif()
  else()
    list(APPEND ${missing} "cuDNN")
  endif()
  gd_find_cuda_library(GD_NCCL nccl.h nccl libnccl.so.2)
  if(NOT (GD_NCCL_INCLUDE AND GD_NCCL_LIBRARY))
    list(APPEND ${missing} "NCCL")
  endif()
endmacro()

# Those of the architectures we build for that this nvcc knows; its newest also as PTX, for what comes later.
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

# gd_cuda_library(NAME library folder): linked by its path, for the wheels have no unversioned names; where it lies
# is written into the programs (the build's rpath is CMake's, the installed one's is GD_CUDA_RPATH).
function(gd_cuda_library name library include)
  add_library(${name} INTERFACE)
  target_include_directories(${name} SYSTEM INTERFACE ${include})
  target_link_libraries(${name} INTERFACE ${library})
endfunction()

set(GD_HAVE_CUDA FALSE)
if(NOT GD_CUDA MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "GD_CUDA=${GD_CUDA}: it is AUTO, ON or OFF")
endif()
if(NOT GD_CUDA STREQUAL "OFF")
  gd_find_cuda(GD_CUDA_MISSING)
  list(JOIN GD_CUDA_MISSING ", " missing)
  if(NOT GD_CUDA_MISSING)
    set(GD_HAVE_CUDA TRUE)
  elseif(GD_CUDA STREQUAL "ON")
    message(FATAL_ERROR "GD_CUDA=ON, but this was not found: ${missing}. scripts/setup.sh --cuda brings what is "
                        "missing; or say where it is with -DGD_CUDA_ROOT=folder")
  else()
    message(STATUS "The GPU backend is left out; this was not found: ${missing} (scripts/setup.sh --cuda brings it)")
  endif()
endif()

if(GD_HAVE_CUDA)
  enable_language(CXX)
  gd_cuda_architectures()
  gd_cuda_library(gd_cudart ${GD_CUDART} ${GD_CUDA_INCLUDE})
  gd_cuda_library(gd_cudnn_lib ${GD_CUDNN_LIBRARY} ${GD_CUDNN_INCLUDE})
  gd_cuda_library(gd_nccl ${GD_NCCL_LIBRARY} ${GD_NCCL_INCLUDE})
  add_library(gd_cuda_headers INTERFACE)
  target_include_directories(gd_cuda_headers SYSTEM INTERFACE ${GD_CUDA_INCLUDE} ${GD_CUDNN_INCLUDE}
                                                             ${GD_NCCL_INCLUDE})
  list(JOIN GD_CUDA_ARCHITECTURES " " architectures)
  message(STATUS "The GPU backend is built with ${GD_CUDA_NVCC}, cuDNN ${GD_CUDNN_VERSION} (${GD_CUDNN_LIBRARY}) "
                 "and NCCL (${GD_NCCL_LIBRARY}), for architectures ${architectures}")
endif()
