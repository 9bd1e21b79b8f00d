/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the named costs of hosts and cards stand for. */
#ifndef LAB_COST_NAME_H
#define LAB_COST_NAME_H

/* A cost of a host or a card behind its layer: "tcp: copy_tx"; what is no cost as it is.  To be freed. */
char *cost_name(const char *cost);

#endif
