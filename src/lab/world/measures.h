/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one run measured: names with numbers ("server.cpu_user_pct" = 19.2), in the order in which
 * they were set, and a way to carry them from the process of the run to whoever asked for it.
 */
#ifndef LAB_MEASURES_H
#define LAB_MEASURES_H

#include <glib.h>
#include <stdbool.h>

struct measure {
	char *name;
	double value;
};

struct measures {
	GArray *list; /* struct measure */
	GHashTable *index;
};

struct measures *measures_new(void);
struct measures *measures_copy(const struct measures *m);
void measures_free(struct measures *m);

/* Sets GROUP.NAME. */
void measures_set(struct measures *m, const char *group, const char *name, double value);
/* NAN if there is none of that name. */
double measures_get(const struct measures *m, const char *full_name);

/* As lines "name value", exact to the last bit, and back. */
void measures_write(const struct measures *m, GString *out);
bool measures_read(struct measures *m, const char *text);

#endif
