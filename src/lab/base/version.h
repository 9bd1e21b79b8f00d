/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which program this is: what a result came from. */
#ifndef LAB_VERSION_H
#define LAB_VERSION_H

#include <stdbool.h>

const char *version_number(void); /* "0.1.0" */
const char *
version_commit(void);     /* "1234abcd": what was built, without regard to changes on top ... */
bool version_dirty(void); /* ... of which there were some */
/* Which of those programs it is: what the linker calls it, hexadecimal.  NULL: it is the commit's. */
const char *version_build(void);

#endif
