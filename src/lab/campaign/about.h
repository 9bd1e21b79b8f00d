/* SPDX-License-Identifier: GPL-3.0-or-later */
/* about.json: what of a result is another each day, so that all other files keep their bytes. */
#ifndef LAB_ABOUT_H
#define LAB_ABOUT_H

#include <glib.h>

#define ABOUT_FILE "about.json"

struct about_run {
	const char *id;
	double wall_s, cpu_s; /* of the run, without what its process does before and after */
	long peak_kib;        /* of its process */
};

/* Date, machine, command line; how long this process has been there, and how much memory its largest
 * child needed; the same of each run of which it is known. */
GString *about_json(const struct about_run *runs, guint n);

#endif
