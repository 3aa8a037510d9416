/* Several processes of the program on one piece of work, on one machine or many: `mpirun -n 8 filterscope
 * ...`.
 *
 *     fs_cluster *cluster = NULL;                         // NULL is a cluster of this process alone
 *     if (fs_cluster_launched())
 *         status = fs_cluster_join(&cluster, &err);
 *     for (int i = fs_cluster_rank(cluster); i < n; i += fs_cluster_size(cluster))
 *         sums[i] = ...
 *     status = fs_cluster_sum(cluster, sums, n, &err);    // every process has all of them
 *     status = fs_cluster_agree(cluster, status, &err);   // FS_OK where all processes are fine
 *     fs_cluster_leave(cluster);
 *
 * Ranks are the processes' numbers; rank 0 is the one that speaks and writes what there is one of. Calls that
 * all processes make in the same order are meetings. A process that fails goes on to the next meeting with
 * its status and leaves its work there, together with all others: that is how none is left waiting. A process
 * that dies takes the others with it, by the launcher.
 *
 * Without MPI, or not launched as one of several, nothing of MPI is ever called. Meetings are for one thread
 * at a time; work that is handed out piece by piece is in handout.h. */
#ifndef FS_CLUSTER_CLUSTER_H
#define FS_CLUSTER_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct fs_cluster fs_cluster;

/* Whether a launcher started this process as one of several, by the environment it was given. */
bool fs_cluster_launched(void);
/* Errors when the program was built without MPI, or MPI does not know the others. Once in a process. */
fs_status fs_cluster_join(fs_cluster **out, fs_error *err);
void fs_cluster_leave(fs_cluster *cluster); /* a meeting; NULL is fine */

int fs_cluster_rank(const fs_cluster *cluster); /* 0 alone */
int fs_cluster_size(const fs_cluster *cluster); /* 1 alone */

/* ---- meetings: each gives the same on every process ---- */

/* FS_OK when every process brings that. Otherwise all get the status and error of one: a failure rather than
 * a wish to stop, of several the lowest rank's. */
fs_status fs_cluster_agree(fs_cluster *cluster, fs_status mine, fs_error *err);
/* That, and a few bytes of each: all[rank][size]. */
enum { FS_CLUSTER_NOTE_SIZE = 64 }; /* at most */
fs_status fs_cluster_gather(fs_cluster *cluster, fs_status status, const void *mine, size_t size, void *all,
                            fs_error *err);
/* data[i] becomes its sum over the processes, added in the order of ranks: the same bits on every process and
 * every time. Each sends and receives about two times `count` numbers, however many processes there are. */
fs_status fs_cluster_sum(fs_cluster *cluster, float *data, int64_t count, fs_error *err);
/* The halves of it, for sums of several rounds: each process keeps a part of the sums, part[fs_cluster_part],
 * to which everybody's numbers are added in the order of ranks; then all get all parts. */
int64_t fs_cluster_part(const fs_cluster *cluster, int64_t count);
fs_status fs_cluster_add(fs_cluster *cluster, const float *data, int64_t count, float *part, fs_error *err);
fs_status fs_cluster_collect(fs_cluster *cluster, const float *part, float *data, int64_t count,
                             fs_error *err);
/* flags[i] is set where it is on any process. */
void fs_cluster_any(fs_cluster *cluster, bool *flags, int64_t count);
/* All get rank 0's bytes. */
void fs_cluster_broadcast(fs_cluster *cluster, void *data, size_t size);

#endif
