/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What differs between the scenarios that made two folders: an answer to why figures moved. */
#ifndef LAB_CHECK_ABOUT_H
#define LAB_CHECK_ABOUT_H

#include <glib.h>

/* A parameter, or the version, seed or file. */
struct check_about {
	char *name, *baseline, *now; /* "not given": it is in force in one of them only */
};

/* Reads run.json (of `run`, `reproduce`) or sweep.json (of `sweep`) in both; struct check_about, in the
 * order of names, to be unreffed.  NULL: one of them has none, or it is not whole (two that are the same are
 * taken as they are). */
GPtrArray *check_about(const char *against, const char *dir);

#endif
