/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folder of a campaign: OUT/runs/ has a file for each run that has ended, and nothing else.
 *
 * A run's file appears whole, by a rename, the moment the run ends: from then on no signal loses it.  It
 * is brought to the disk right after that; a power cut in between leaves none, or one that is not whole
 * and counts as none.
 */
#ifndef LAB_STORE_H
#define LAB_STORE_H

#include "lab/base/folder.h"
#include "lab/campaign/record.h"

struct store;

/* A folder in it, as long as tasks of a cluster work for it (sweep_slurm.h). */
#define STORE_CLUSTER "slurm"

/* NULL and *error as folder_open(), for "--out". */
struct store *store_open(const char *dir, GError **error);
/* Of a process that another command started, and whose folder it is; maybe on another machine. */
struct store *store_join(const char *option, const char *dir, GError **error);
void store_close(struct store *store); /* NULL: nothing */
/* Removes what runs have left that were ended while they wrote.  At opening it is done anyhow, unless a cluster
 * works for the folder. */
void store_tidy(const struct store *store);
const char *store_dir(const struct store *store);

/* In any process.  False and *error: it cannot be written. */
bool store_keep(const struct store *store, const char *id, const GString *json, GError **error);
/* Brings it to the disk, its name too. */
bool store_flush(const struct store *store, const char *id);
/* NULL: there is none, or it is not whole. */
struct run_file *store_read(const struct store *store, const char *id);
/* Whether there is one, whole or not; takes it away. */
bool store_has(const struct store *store, const char *id);
void store_drop(const struct store *store, const char *id);
/* All that there are, sorted; char *. */
GPtrArray *store_ids(const struct store *store);

/* A file beside them: read (NULL: there is none), and replaced whole. */
GString *store_top(const struct store *store, const char *name);
bool store_set_top(const struct store *store, const char *name, GString *bytes, GError **error);

/* Takes all runs away, and the files beside them of these names. */
bool store_clear(const struct store *store, const char *const *names, GError **error);

#endif
