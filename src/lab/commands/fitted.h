/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values that were found, written into the scenario's files: all of them or none. */
#ifndef LAB_FITTED_H
#define LAB_FITTED_H

#include "lab/scenario/text.h"

/* `found`: "GROUP.KEY=VALUE", char *, of keys that the text gives, which was read from `path`.  Each value takes the
 * place of the old one in the line that says it, there or in a file of the same folder that is included; all else
 * in the files stays, remarks too.  False and *error, and nothing is changed: one stands in another folder, or cannot
 * be written. */
bool fitted_write(const char *path, const struct text *text, const GPtrArray *found,
                  GError **error);

#endif
