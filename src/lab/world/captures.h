/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --pcap: a capture for each interface and tap, eth0.pcap, one for each group of peers, clients.pcap, and
 * for each offload card one of its other side too, toe0-pci.pcap.  Which there are the kinds say.
 */
#ifndef LAB_CAPTURES_H
#define LAB_CAPTURES_H

#include "lab/world/world.h"
#include "net/wire/capture.h"

/* Begins them, in DIR; before world_run(). */
bool world_capture(struct world *world, const char *dir, GError **error);
/* Ends all captures. */
bool world_capture_close(struct world *world, GError **error);
/* After the run, in any process: gives the captures in `dir` their names, all of them or none. */
bool world_capture_keep(const char *dir, GError **error);
/* Removes what a run that failed or was interrupted left of its captures. */
void world_capture_discard(const char *dir); /* NULL: there was none */

void captures_free(struct captures *captures); /* NULL: none */

/* --- for kinds (struct kind's `capture`) ------------------------------------------------------ */

/* What passes the port called as the group, to GROUP.pcap. */
bool captures_interface(struct captures *captures, const struct group *group, GError **error);
/* What passes the ports of all machines of the group, to one GROUP.pcap. */
bool captures_machines(struct captures *captures, const struct group *group, GError **error);
/* Lines of text, to GROUP and `suffix`; stop(arg) is called before it ends, so that no more come.  NULL
 * and *error. */
struct capture *captures_text(struct captures *captures, const struct group *group,
                              const char *suffix, void (*stop)(void *arg), void *arg,
                              GError **error);

#endif
