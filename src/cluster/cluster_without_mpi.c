/* In place of cluster_mpi.c where the program is built without MPI. */
#include "cluster/cluster_transport.h"

fs_status fs_cluster_mpi(fs_cluster_transport *out, fs_error *err) {
    (void)out;
    return fs_fail(err, FS_ERROR_UNSUPPORTED,
                   "started as one of several processes, but built without MPI (-DFS_MPI=ON builds with it)");
}
