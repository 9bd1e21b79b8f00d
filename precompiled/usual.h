// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SOPSIM_PRECOMPILED_USUAL_H
#define SOPSIM_PRECOMPILED_USUAL_H

/// \file
/// What most files read, for builds that read it once a room (b_pch).  Each file still names what it uses.

#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#endif
