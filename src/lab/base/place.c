/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the program lies tells where what came with it is: beside it, or in the sources of its build. */
#include "lab/base/place.h"

#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>

#define SCENARIOS "scenarios"

/* Made real, so that a path may be compared with it; as it is if there is no such folder. */
static char *real_of(const char *path) {
	char *real = realpath(path, NULL), *copy = g_strdup(real ? real : path);

	free(real);
	return copy;
}

static bool lies_in(const char *path, const char *folder) {
	g_autofree char *prefix = g_strconcat(folder, "/", NULL);

	return g_str_has_prefix(path, prefix);
}

static char *find(void) {
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL),
			*bin = program ? g_path_get_dirname(program) : g_strdup(SOPSIM_BINDIR),
			*installed = g_canonicalize_filename(SOPSIM_DATA_OF_BIN "/" SCENARIOS, bin),
			*build = real_of(SOPSIM_BUILD);

	if (!g_file_test(installed, G_FILE_TEST_IS_DIR) && program && lies_in(program, build))
		return real_of(SOPSIM_SOURCE "/" SCENARIOS);
	return real_of(installed);
}

const char *place_scenarios(void) {
	static char *folder;

	if (!folder)
		folder = find();
	return folder;
}

char *place_scenario(const char *name) { return g_build_filename(place_scenarios(), name, NULL); }

/* None of them is above their folder: a name that climbs out of it is not theirs. */
char *place_of_scenario(const char *name) {
	const char *short_name =
		g_str_has_prefix(name, SCENARIOS "/") ? name + sizeof SCENARIOS : name;
	g_autofree char *path = g_canonicalize_filename(short_name, place_scenarios());

	return lies_in(path, place_scenarios()) && g_file_test(path, G_FILE_TEST_IS_REGULAR)
	               ? g_steal_pointer(&path)
	               : NULL;
}
