# Leaves out llama.cpp's `common` library, which only its own programs use: a third of the build.
#
# The binding's CMakeLists.txt forces LLAMA_BUILD_COMMON into the cache with ON, after anything that
# the command line could say. CMake includes this file right after llama.cpp's project() call, and
# a normal variable set there shadows the cached one.
set(LLAMA_BUILD_COMMON OFF)
