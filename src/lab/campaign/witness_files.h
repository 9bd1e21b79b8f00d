/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scenarios that come with the program and are about real machines. */
#ifndef LAB_WITNESS_FILES_H
#define LAB_WITNESS_FILES_H

#include "lab/scenario/text.h"

struct witness_file {
	char *name; /* without .ini */
	struct text *text;
};

/* Those of `names` (NULL: all, by name) in a folder of place_scenarios(): struct witness_file.  NULL and *error. */
GPtrArray *witness_files(const char *folder, char **names, GError **error);

#endif
