/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Part of every Check program: its worlds are watched for the rules of time (sim/watch.h). */
#include <stdlib.h>

__attribute__((constructor)) static void watch_worlds(void) { setenv("SOPSIM_WATCH", "1", 0); }
