# Leaves out llama.cpp's `common` library, which only its own programs use: a third of the build.
#
# The binding's CMakeLists.txt forces LLAMA_BUILD_COMMON into the cache with ON, after anything that
# the command line could say. CMake includes this file right after llama.cpp's project() call, and
# a normal variable set there shadows the cached one.
set(LLAMA_BUILD_COMMON OFF)

# Optimizes less what never computes: a model's graph is described once for each shape of a batch, and
# its file is read once. What handles each token (vocabulary, sampling, batches, the cache) and all of
# ggml, which computes, are compiled as before.
function(pisovereign_optimize_less)
    target_compile_options(llama PRIVATE -O1)
    set(each_token llama-batch llama-context llama-grammar llama-graph llama-kv-cache
        llama-kv-cache-iswa llama-memory-hybrid llama-memory-hybrid-iswa llama-memory-recurrent
        llama-sampler llama-vocab unicode)
    list(TRANSFORM each_token REPLACE "(.+)" "${CMAKE_CURRENT_SOURCE_DIR}/src/\\1.cpp")
    set_property(SOURCE ${each_token} TARGET_DIRECTORY llama APPEND PROPERTY COMPILE_OPTIONS -O3)
endfunction()
cmake_language(DEFER CALL pisovereign_optimize_less)
