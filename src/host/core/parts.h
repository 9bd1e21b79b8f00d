/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does a kernel's core consist of, from boot to halt?  A beginning and an end for each part,
 * called in the order that host/boot knows.
 */
#ifndef HOST_PARTS_H
#define HOST_PARTS_H

#include "host/core/kernel.h"

/* A kernel without parts, and its end. */
struct kernel *kernel_alloc(struct sim *sim, const struct kernel_conf *conf);
void kernel_release(struct kernel *k);

void cpu_init(struct kernel *k);
void cpu_exit(struct kernel *k);
void irq_init(struct kernel *k);
void irq_exit(struct kernel *k);
void softirq_init(struct kernel *k);
void softirq_exit(struct kernel *k);
void sched_init(struct kernel *k);
void sched_exit(struct kernel *k);
void modules_init(struct kernel *k);
void modules_exit(struct kernel *k);

#endif
