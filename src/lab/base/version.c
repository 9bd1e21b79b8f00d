/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which program, of which commit, is this? */
#include "lab/base/version.h"

#include <glib.h>
#include <string.h>

#include "commit.h"

#define DIRTY "-dirty"

const char *version_number(void) { return SOPSIM_VERSION; }

const char *version_commit(void) {
	static char *commit;

	if (!commit)
		commit = g_strndup(SOPSIM_COMMIT,
		                   strlen(SOPSIM_COMMIT) - (version_dirty() ? strlen(DIRTY) : 0));
	return commit;
}

bool version_dirty(void) { return g_str_has_suffix(SOPSIM_COMMIT, DIRTY); }
