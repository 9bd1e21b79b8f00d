/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Do the conditions hold that a script states in code, "%{ ... }%"?
 */
#ifndef PKT_CODE_H
#define PKT_CODE_H

#include "pkt/script.h"

struct run;

bool code_run(struct run *r, const struct event *ev);

#endif
