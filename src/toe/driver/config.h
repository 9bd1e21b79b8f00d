/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which addresses and routes does the card have?  The shadow on the host is asked; the card's copy
 * follows it.
 */
#ifndef TOE_CONFIG_H
#define TOE_CONFIG_H

#include "host/dev/toedev.h"
#include "toe/driver/toe.h"

bool config_owns_addr(struct toedev *td, uint32_t addr);
int config_route(struct toedev *td, uint32_t dst);
bool config_is_broadcast(struct toedev *td, uint32_t addr);
bool config_on_link(struct toedev *td, uint32_t addr);
int config_ioctl(struct toedev *td, unsigned long cmd, void *arg);
int64_t config_route_metric(struct toedev *td, const struct rtentry *rt);
uint32_t config_generation(struct toedev *td);
/* Is it one of this driver's?  They all keep their configuration here. */
static inline bool is_toe(const struct toedev *td) {
	return td->ops && td->ops->owns_addr == config_owns_addr;
}
void config_init(struct toe *toe);
void config_exit(struct toe *toe);

#endif
