/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * semaphores.h: included in each C file of the cross build. FreeBSD's semaphores are in libc, of version FBSD_1.2. For old
 * programs libthr has those of FreeBSD 8, too, which no linker offers to new ones, but zig's does, before the others. A
 * wait of those leaves a handler of pthread_cleanup_push(3) behind if it is left by longjmp(3), and the end of the thread
 * calls it.
 */

#ifndef __ASSEMBLER__
__asm__(".symver sem_destroy, sem_destroy@FBSD_1.2\n"
	".symver sem_init, sem_init@FBSD_1.2\n"
	".symver sem_post, sem_post@FBSD_1.2\n"
	".symver sem_timedwait, sem_timedwait@FBSD_1.2\n"
	".symver sem_wait, sem_wait@FBSD_1.2");
#endif
