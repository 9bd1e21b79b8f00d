/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a kernel boots and goes down: each part of the host has one function for either, which
 * kernel_new() and kernel_free() call in this order and in the reverse one.
 *
 * An init may use the parts above it in this list; it sets its own field of struct kernel.  An
 * exit frees it and leaves nothing behind, whatever state a run was stopped in: tasks may still
 * exist (blocked for ever), they do not run any more.
 */
#ifndef HOST_INIT_H
#define HOST_INIT_H

struct kernel;

void cpu_init(struct kernel *k);
void cpu_exit(struct kernel *k);

void sched_init(struct kernel *k);
void sched_exit(struct kernel *k);

void fs_init(struct kernel *k);
void fs_exit(struct kernel *k);

void socket_init(struct kernel *k);
void socket_exit(struct kernel *k);

void inet_init(struct kernel *k);
void inet_exit(struct kernel *k);

void dev_init(struct kernel *k);
void dev_exit(struct kernel *k);

void toedev_init(struct kernel *k);
void toedev_exit(struct kernel *k);

void modules_init(struct kernel *k);
void modules_exit(struct kernel *k);

#endif
