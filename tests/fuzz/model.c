#include "fuzz/model.h"

#include "engine/model.h"
#include "engine/plan.h"

/* Blocks of more than this are refused: sizes that an attribute or a shape inside the file asks for may be as
 * large as FS_MAX_ELEMENTS, and filling them would leave no time to try others. */
enum { LARGEST_BLOCK = 32 << 20, MOST_NODES = 100, SIDE = 24 };

static void plan(const fs_model *model) {
    const fs_layer *last = &model->layers[model->n_layers - 1];
    const fs_shape input = fs_shape_of(4, 1, fs_preprocess_channels(&model->preprocess), SIDE, SIDE);
    fs_plan_request request = fs_plan_request_default(model->graph, input);
    fs_plan *made = NULL;
    request.outputs = &last->view;
    request.n_outputs = 1;
    request.input_gradient = true;
    if (fs_plan_create(&made, &request, NULL) == FS_OK)
        fs_plan_destroy(made);
}

void fuzz_model(const char *name, const uint8_t *data, size_t size) {
    fs_model *model = NULL;
    fuzz_refuse_blocks(LARGEST_BLOCK);
    if (fs_model_load(&model, fuzz_file(name, data, size), NULL) != FS_OK)
        return;
    if (model->n_layers > 0 && model->graph->n_nodes <= MOST_NODES)
        plan(model);
    fs_model_destroy(model);
}
