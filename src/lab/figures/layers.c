/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which layer does a cost belong to, and how does it look? */
#include "lab/figures/layers.h"

#include <stdint.h>
#include <string.h>

static const char *const calls[] = {"syscall", "socket", "file", "user", NULL};
static const char *const sop[] = {"sop", NULL};
static const char *const inet[] = {"tcp", "udp", "ip", "inet", NULL};
static const char *const drivers[] = {"comm", "toe", "driver", NULL};
static const char *const kernel[] = {"irq", "sched", NULL};
static const char *const bus[] = {"pci", "bus", NULL};
static const char *const card[] = {"card", NULL};
static const char *const nobody[] = {NULL};

/* Told apart by those who see no red or green, too: light and dark alternate. */
const struct layer_look layer_looks[LAYER_LOOKS] = {
	{"program, socket layer", "#56799c", calls},
	{"SOP", "#c2570c", sop},
	{"host's TCP/IP", "#004c7f", inet},
	{"drivers", "#7a5fb0", drivers},
	{"interrupts, scheduler", "#6f6f6f", kernel},
	{"PCI bus", "#a8326e", bus},
	{"card", "#00734f", card},
	{"waiting", "#d5d9de", nobody},
};

/* The look, and of the layer how many of all come before it. */
static size_t find(const char *layer, size_t *before) {
	*before = 0;
	for (size_t i = 0; layer && i < LAYER_LOOKS; i++)
		for (const char *const *name = layer_looks[i].layers; *name; name++, ++*before)
			if (strcmp(*name, layer) == 0)
				return i;
	return layer ? 0 : LAYER_LOOKS - 1;
}

size_t layer_look(const char *layer) {
	size_t before;

	return find(layer, &before);
}

size_t layer_way(const char *layer) {
	size_t before;

	find(layer, &before);
	return layer ? before : SIZE_MAX;
}

const char chart_rules[] =
	".sc{font-family:'DejaVu Sans',Verdana,sans-serif}.sc .h1{font-weight:bold;fill:#111}.sc .h2{fill:#555}.sc .n{font-weight:bold;fill:#222}"
	".sc .l{fill:#1a1a1a;paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}"
	".sc .t{fill:#555}.sc .b{font-weight:bold;fill:#333}"
	".sc .m{font-style:italic;fill:#222;paint-order:stroke;stroke:#fff;stroke-width:3px}";
