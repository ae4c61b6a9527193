# Looks for what the GPU backend is built with: the CUDA toolkit, cuDNN, cuBLAS (which cuDNN loads, and without which
# it ends the process) and NCCL. Sets GD_CUDA_MISSING to what is not here, in words, empty when all are; and
# GD_CUDA_NVCC, and of CUDART, CUBLASLT, CUDNN and NCCL each GD_..._INCLUDE and GD_..._LIBRARY, and GD_CUDNN_VERSION.
# GD_CUBLASLT_INCLUDE is empty where its header is not here or GD_CUBLASLT is OFF: no products then.
#
# `cmake -P cmake/find_cuda.cmake` prints GD_CUDA_MISSING.
cmake_minimum_required(VERSION 3.22)

set(GD_CUDA_ROOT "$ENV{GD_CUDA_ROOT}" CACHE PATH "The only place to look for CUDA, cuDNN and NCCL; empty: all")
set(GD_CUDNN_OLDEST 9.8)
set(GD_NCCL_OLDEST 2.18.1) # has ncclCommSplit
set(GD_CUDA_HEADER_FOLDERS include targets/x86_64-linux/include targets/sbsa-linux/include)
set(GD_CUDA_LIBRARY_FOLDERS lib64 lib targets/x86_64-linux/lib targets/sbsa-linux/lib lib/x86_64-linux-gnu
                            lib/aarch64-linux-gnu)

# Installations, the first choice first. .cuda is there only if scripts/setup.sh found that something was missing.
function(gd_cuda_roots result)
  if(GD_CUDA_ROOT)
    set(${result} "${GD_CUDA_ROOT}" PARENT_SCOPE)
    return()
  endif()
  set(from_path "")
  find_program(nvcc nvcc NO_CACHE)
  if(nvcc)
    file(REAL_PATH "${nvcc}" nvcc)
    cmake_path(GET nvcc PARENT_PATH from_path)
    cmake_path(GET from_path PARENT_PATH from_path)
  endif()
  set(${result} "${CUDAToolkit_ROOT}" "$ENV{CUDAToolkit_ROOT}" "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../.cuda"
      "$ENV{CUDA_HOME}" "$ENV{CUDA_PATH}" "$ENV{CONDA_PREFIX}" "${from_path}" /usr/local/cuda /opt/cuda /usr/local /usr
      PARENT_SCOPE)
endfunction()

# The folders that hold a bin/, an include/ or a lib/. In a Python environment each of NVIDIA's wheels has its own.
function(gd_cuda_places result)
  gd_cuda_roots(roots)
  set(places)
  foreach(root IN LISTS roots)
    if(IS_DIRECTORY "${root}")
      file(REAL_PATH "${root}" root)
      file(GLOB wheels "${root}/lib/python3*/site-packages/nvidia/cu[0-9]*"
           "${root}/lib/python3*/site-packages/nvidia/cudnn" "${root}/lib/python3*/site-packages/nvidia/nccl")
      list(APPEND places "${root}" ${wheels})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES places)
  set(${result} ${places} PARENT_SCOPE)
endfunction()

# gd_find_cuda_part(NAME header.h "libfile..." place...): sets GD_NAME_INCLUDE and GD_NAME_LIBRARY from the first place
# that has both, or the library where no header is named. The wheels have no unversioned names. Nothing stays in the
# cache, so that what is installed later is found later.
function(gd_find_cuda_part name header libraries)
  foreach(place IN LISTS ARGN)
    unset(include)
    unset(library)
    if(header)
      find_path(include ${header} PATHS "${place}" PATH_SUFFIXES ${GD_CUDA_HEADER_FOLDERS} NO_DEFAULT_PATH NO_CACHE)
    endif()
    find_file(library NAMES ${libraries} PATHS "${place}" PATH_SUFFIXES ${GD_CUDA_LIBRARY_FOLDERS} NO_DEFAULT_PATH
              NO_CACHE)
    if(library AND (include OR NOT header))
      set(GD_${name}_INCLUDE "${include}" PARENT_SCOPE)
      set(GD_${name}_LIBRARY "${library}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(GD_${name}_INCLUDE "" PARENT_SCOPE)
  set(GD_${name}_LIBRARY "" PARENT_SCOPE)
endfunction()

# gd_check_version(NAME "title" header.h "part|part|part" RESULT): the version that the header defines, and in `missing`,
# if it was not found or is older than GD_NAME_OLDEST, what is wanted instead.
macro(gd_check_version name title header parts result)
  set(${result} "")
  if(GD_${name}_LIBRARY)
    file(STRINGS "${GD_${name}_INCLUDE}/${header}" lines REGEX "^#define ${name}_(${parts}) +[0-9]")
    list(TRANSFORM lines REPLACE "[^0-9]" "")
    list(JOIN lines "." ${result})
    if(${result} VERSION_LESS GD_${name}_OLDEST)
      list(APPEND missing "${title} ${GD_${name}_OLDEST} or newer (${GD_${name}_LIBRARY} is ${${result}})")
    endif()
  else()
    list(APPEND missing "${title}")
  endif()
endmacro()

# cuDNN needs its library alone; with its header, too, products are computed by it.
macro(gd_find_cublaslt)
  set(libraries "libcublasLt.so;libcublasLt.so.13;libcublasLt.so.12")
  gd_find_cuda_part(CUBLASLT cublasLt.h "${libraries}" ${ARGN})
  if(NOT GD_CUBLASLT_LIBRARY)
    gd_find_cuda_part(CUBLASLT "" "${libraries}" ${ARGN})
  endif()
  if(GD_CUBLASLT STREQUAL "OFF")
    set(GD_CUBLASLT_INCLUDE "")
  endif()
endmacro()

function(gd_find_cuda)
  gd_cuda_places(places)
  set(missing)
  # The compiler, its headers and its run-time library must be of one installation.
  foreach(place IN LISTS places)
    unset(nvcc)
    find_program(nvcc nvcc PATHS "${place}/bin" NO_DEFAULT_PATH NO_CACHE)
    gd_find_cuda_part(CUDART cuda_runtime_api.h "libcudart.so;libcudart.so.13;libcudart.so.12" "${place}")
    if(nvcc AND GD_CUDART_LIBRARY)
      break()
    endif()
  endforeach()
  if(NOT (nvcc AND GD_CUDART_LIBRARY))
    list(APPEND missing "the CUDA toolkit")
  endif()
  gd_find_cuda_part(CUDNN cudnn_version.h "libcudnn.so;libcudnn.so.9" ${places})
  gd_check_version(CUDNN cuDNN cudnn_version.h "MAJOR|MINOR|PATCHLEVEL" version)
  gd_find_cublaslt(${places})
  if(NOT GD_CUBLASLT_LIBRARY)
    list(APPEND missing "cuBLAS")
  endif()
  gd_find_cuda_part(NCCL nccl.h "libnccl.so;libnccl.so.2" ${places})
  gd_check_version(NCCL NCCL nccl.h "MAJOR|MINOR|PATCH" nccl_version)
  list(JOIN missing ", " missing)
  foreach(part CUDART CUBLASLT CUDNN NCCL)
    set(GD_${part}_INCLUDE "${GD_${part}_INCLUDE}" PARENT_SCOPE)
    set(GD_${part}_LIBRARY "${GD_${part}_LIBRARY}" PARENT_SCOPE)
  endforeach()
  set(GD_CUDA_NVCC "${nvcc}" PARENT_SCOPE)
  set(GD_CUDNN_VERSION "${version}" PARENT_SCOPE)
  set(GD_CUDA_MISSING "${missing}" PARENT_SCOPE)
endfunction()

gd_find_cuda()
if(CMAKE_SCRIPT_MODE_FILE AND GD_CUDA_MISSING)
  message("${GD_CUDA_MISSING}")
endif()
