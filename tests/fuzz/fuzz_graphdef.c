/* Frozen TensorFlow graphs: the reader, the layers, and a plan. */
#include "fuzz/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_model("model.pb", data, size);
    return 0;
}
