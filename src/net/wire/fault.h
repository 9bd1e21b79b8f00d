/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens to the frames of one direction of a link: decisions only, without any frame. */
#ifndef NET_FAULT_H
#define NET_FAULT_H

#include "net/wire/link.h"

struct fault;

struct fault_verdict {
	bool lost, corrupt, duplicate, held;
	uint32_t bit;    /* corrupt: which one flips, counted from the frame's first */
	sim_time jitter; /* extra delay that keeps the order */
};

/* NULL if the configuration is that of a perfect wire.  Streams: "link.<name>.<end>.<purpose>". */
struct fault *fault_new(const struct sim *sim, const char *name, unsigned end,
                        const struct fault_conf *conf);
void fault_free(struct fault *fault); /* NULL is allowed */

/* Decides about the next frame, which is `len` bytes long. */
void fault_next(struct fault *fault, size_t len, struct fault_verdict *verdict);

#endif
