/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which machine does a script run against?  A simulated computer with a card, a wire, and the
 * script's end of it.
 */
#ifndef PKT_MACHINE_H
#define PKT_MACHINE_H

#include "host/core/kernel.h"
#include "host/dev/nic.h"
#include "net/wire/link.h"
#include "pkt/conf.h"
#include "sop/sop.h"
#include "toe/driver/toe.h"

struct machine {
	struct sim *sim;
	struct kernel *kernel;
	struct pci_bus *bus;
	struct link *link, *idle_link;
	struct nic *nic;
	struct toe *toe;         /* NULL: none */
	struct module *sop;      /* NULL: not loaded */
	struct net_stack *stack; /* the one under test */
	struct port *far;        /* the script's end of the wire */
};

bool machine_new(struct machine *m, const struct run_conf *conf, GError **error);
void machine_free(struct machine *m);

#endif
