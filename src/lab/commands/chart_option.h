/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charts that come with other results. */
#ifndef LAB_CHART_OPTION_H
#define LAB_CHART_OPTION_H

#include <glib.h>
#include <stdint.h>

/* Runs [experiment table1] of a scenario in a config, and draws the system call that `call` names as --call does,
 * as SVG.  `sets` as --set says them; NULL: none.  NULL and *error. */
GString *chart_of_call(const char *file, const char *config, char **sets, uint64_t seed,
                       const char *call, GError **error);

#endif
