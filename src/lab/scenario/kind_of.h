/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kind a group of a scenario's text is of. */
#ifndef LAB_KIND_OF_H
#define LAB_KIND_OF_H

#include "lab/scenario/kind.h"
#include "lab/scenario/text.h"

/* [config leg_tcpip] is of a named kind; [pci0] has a key `type`; [cost] is its own kind.  *name, which
 * is to be freed in any case: what the group is called, without its type.  NULL and *error: the type is
 * none, is not written so, or the name is none. */
const struct kind *kind_of(const struct text *text, const struct kind *const *kinds,
                           const struct text_group *group, char **name, GError **error);

#endif
