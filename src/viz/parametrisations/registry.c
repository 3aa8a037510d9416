#include "base/alloc.h"
#include "viz/parametrisations/kinds.h"
#include "viz/render.h"

const fs_planes_kind *const fs_planes_kinds[FS_PARAM_KINDS] = {
    [FS_PARAM_FFT] = &fs_planes_fft,
    [FS_PARAM_PIXEL] = &fs_planes_pixel,
    [FS_PARAM_LAPLACIAN] = &fs_planes_laplacian,
    [FS_PARAM_CPPN] = &fs_planes_cppn,
    [FS_PARAM_MACO] = &fs_planes_maco,
};

const char *const fs_planes_names[FS_PARAM_KINDS + 1] = {"fft", "pixel", "laplacian", "cppn", "maco", NULL};

fs_status fs_planes_allocate(fs_planes *planes, fs_error *err) {
    planes->values =
        fs_alloc_array((size_t)planes->items * (size_t)planes->n * planes->plane, sizeof *planes->values);
    return planes->values ? FS_OK : fs_fail_memory(err, "the planes of a picture");
}
