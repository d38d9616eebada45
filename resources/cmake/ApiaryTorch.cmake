# apiary_torch: libtorch's CPU libraries only. libtorch_cuda.so is opened at run time where it is present, so that one
# binary serves machines with and without a GPU.
find_library(TORCH_CPU_LIBRARY torch_cpu PATHS "${APIARY_TORCH_DIR}/lib" NO_DEFAULT_PATH)
find_library(TORCH_C10_LIBRARY c10 PATHS "${APIARY_TORCH_DIR}/lib" NO_DEFAULT_PATH)
if(NOT TORCH_CPU_LIBRARY OR NOT TORCH_C10_LIBRARY)
  message(FATAL_ERROR "No libtorch in APIARY_TORCH_DIR=${APIARY_TORCH_DIR}: run ./run build, which fetches it, "
                      "or set APIARY_TORCH_DIR to a folder with include/ and lib/")
endif()
find_package(OpenMP REQUIRED COMPONENTS CXX)

add_library(apiary_torch INTERFACE)
target_include_directories(apiary_torch SYSTEM INTERFACE "${APIARY_TORCH_DIR}/include"
                           "${APIARY_TORCH_DIR}/include/torch/csrc/api/include")
target_link_libraries(apiary_torch INTERFACE "${TORCH_CPU_LIBRARY}" "${TORCH_C10_LIBRARY}")
target_compile_options(apiary_torch INTERFACE ${OpenMP_CXX_FLAGS})
get_filename_component(_site "${APIARY_TORCH_DIR}" DIRECTORY)
target_link_options(apiary_torch INTERFACE ${OpenMP_CXX_FLAGS} "LINKER:-rpath-link,${_site}/nvidia/cu13/lib"
                    "LINKER:-rpath-link,${APIARY_TORCH_DIR}/lib")
