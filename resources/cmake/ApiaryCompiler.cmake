# Warnings, sanitizers and the compiler cache: one interface target that every target of ours links.
add_library(apiary_compiler INTERFACE)
target_compile_options(apiary_compiler INTERFACE -Wall -Wextra -Wpedantic)
if(APIARY_WERROR)
  target_compile_options(apiary_compiler INTERFACE -Werror)
endif()
if(APIARY_SANITIZE)
  target_compile_options(apiary_compiler INTERFACE -fsanitize=${APIARY_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(apiary_compiler INTERFACE -fsanitize=${APIARY_SANITIZE})
  target_compile_definitions(apiary_compiler INTERFACE APIARY_SANITIZED)
endif()
option(APIARY_FUZZ "Instrument everything for libFuzzer and build tests/fuzz (clang only)" OFF)
if(APIARY_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "APIARY_FUZZ needs clang, this is ${CMAKE_CXX_COMPILER_ID}")
  endif()
  target_compile_options(apiary_compiler INTERFACE -fsanitize=fuzzer-no-link,address,undefined
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE_PROGRAM})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
