// SPDX-License-Identifier: GPL-3.0-or-later
/* The file that the precompiled header belongs to: one that needs all of it. */
#include "usual.h"

typedef FILE *usual_file;
