/* spec/model: what keeps two writers apart (FORMAT 11.1): the lock with its open file descriptions,
 * applications for it that are given up, and fork(2), by which a child inherits them; kills at any time.
 *
 * Process 0 may fork, 1 is its child, 2 is a stranger.  In each a thread at a time asks for the lock:
 * threads of a process take turns (core/src/file/turn.c).  What they do when they have it is in the other
 * models; here it is one step, in which the process may fork or be killed.
 *
 * Always: one process at most is inside; and whoever waits gets in or gives up: there is no state in
 * which somebody waits and nothing can happen.
 *
 * Weakened by any of these, it has a counterexample (./run extra model):
 *
 *     -DCHILD_KEEPS           a child leaves open what it inherited: its parent is killed, and the lock stays
 *     -DCHILD_UNLOCKS         it unlocks that, when it ends what its parent had begun
 *     -DCHILD_USES            or locks by it
 *     -DKEEP_APPLICATION      an application that was given up stays when it is granted
 *     -DUNLOCK_OWN            who got in by an application unlocks its own description */

#ifndef ENTRIES
#define ENTRIES 8 /* of all processes */
#endif
#ifndef KILLS
#define KILLS 4
#endif
#ifndef SIGNALS
#define SIGNALS 4
#endif
#define PROCESSES 3
#define NOBODY 255

/* ---- Descriptions: OWN(p), and APPLICATION(p) of the thread that waits for process p ---- */

#define OWN(p) (p)
#define APPLICATION(p) (PROCESSES + (p))
byte who_has[2 * PROCESSES]; /* a bit for each process */
byte lock = NOBODY;          /* the description that has it */

mtype = { ABSENT, IDLE, TRYING, WAITING, INSIDE, LOST };
mtype doing[PROCESSES] = ABSENT; /* LOST: it was forked inside, and its parent is the one who is there */
bool applied[PROCESSES]; /* its application waits, */
bool wanted[PROCESSES];  /* for a thread that waits for it, */
bool granted[PROCESSES]; /* or has the lock */
bool inherits;           /* the child has not closed yet what it inherited */
byte inside = 0;
byte entries = ENTRIES, kills = KILLS, signals = SIGNALS;

inline close(d, p)
{
	who_has[d] = who_has[d] & (7 - (1 << (p)));
	if
	:: who_has[d] == 0 && lock == d -> lock = NOBODY
	:: else
	fi
}

inline close_inherited()
{
	close(OWN(0), 1);
	close(APPLICATION(0), 1)
}

inline comes(p)
{
	doing[p] = IDLE;
	who_has[OWN(p)] = who_has[OWN(p)] | (1 << (p))
}

/* A process ends: the kernel closes what it has. */
inline goes(p)
{
	if
	:: doing[p] == INSIDE -> inside--
	:: else
	fi;
	doing[p] = ABSENT;
	if
	:: p == 1 -> close_inherited(); inherits = false
	:: else
	fi;
	close(OWN(p), p);
	close(APPLICATION(p), p);
	applied[p] = false;
	wanted[p] = false;
	granted[p] = false
}

proctype process(byte p)
{
end:	do
	:: atomic { doing[p] == IDLE && entries > 0 && !(p == 1 && inherits) ->
		entries--;
		doing[p] = TRYING
	   }
	:: atomic { /* the lock is free, */
		doing[p] == TRYING && lock == NOBODY ->
#ifdef CHILD_USES
		lock = (p == 1 && who_has[OWN(0)] & 1 -> OWN(0) : OWN(p));
#else
		lock = OWN(p);
#endif
		inside++;
		assert(inside == 1);
		doing[p] = INSIDE
	   }
#ifdef CHILD_USES
	:: atomic { /* the kernel grants it to a description that has it */
		p == 1 && doing[p] == TRYING && lock == OWN(0) ->
		inside++;
		assert(inside == 1);
		doing[p] = INSIDE
	   }
#endif
	:: atomic { /* or it is applied for, where no earlier application waits still; a new one has a
		     * description of its own, for which the model waits until its number is free */
		doing[p] == TRYING && lock != NOBODY && (applied[p] || who_has[APPLICATION(p)] == 0) ->
		if
		:: !applied[p] ->
			who_has[APPLICATION(p)] = 1 << p;
			applied[p] = true
		:: else
		fi;
		wanted[p] = true;
		doing[p] = WAITING
	   }
	:: atomic { /* a signal: who waited gives up, and the application stays */
		doing[p] == WAITING && !granted[p] && signals > 0 ->
		signals--;
		wanted[p] = false;
		doing[p] = IDLE
	   }
	:: atomic { doing[p] == WAITING && granted[p] ->
		inside++;
		assert(inside == 1);
		doing[p] = INSIDE
	   }
	:: atomic { doing[p] == INSIDE ->
		inside--;
		if
		:: granted[p] ->
#ifdef UNLOCK_OWN
			if
			:: lock == OWN(p) -> lock = NOBODY
			:: else
			fi;
#else
			close(APPLICATION(p), p);
#endif
			applied[p] = false;
			wanted[p] = false;
			granted[p] = false
		:: !granted[p] && lock == OWN(p) -> lock = NOBODY
		:: else
		fi;
		doing[p] = IDLE
	   }
	:: atomic { /* what a child does first, before anything else of it can run */
		p == 1 && inherits ->
#ifndef CHILD_KEEPS
		close_inherited();
#endif
		inherits = false
	   }
	:: atomic { /* what its parent had begun ends in the child too */
		p == 1 && doing[p] == LOST && !inherits ->
#ifdef CHILD_UNLOCKS
		if
		:: lock == OWN(0) -> lock = NOBODY
		:: else
		fi;
#endif
		doing[p] = IDLE
	   }
	od
}

/* The thread of process p that applies. */
proctype application(byte p)
{
end:	do
	:: atomic { applied[p] && !granted[p] && lock == NOBODY ->
		lock = APPLICATION(p);
		if
		:: wanted[p] -> granted[p] = true
		:: !wanted[p] ->
#ifdef KEEP_APPLICATION
			granted[p] = true
#else
			close(APPLICATION(p), p);
			applied[p] = false
#endif
		fi
	   }
	od
}

/* Nobody is inside, or will be, by whose end the lock becomes free. */
#define GETS_IN(p) (granted[p] && doing[p] == WAITING)
#define STUCK (lock != NOBODY && inside == 0 && !inherits && \
	       !GETS_IN(0) && !GETS_IN(1) && !GETS_IN(2))
#define WAITS(p) (doing[p] == WAITING || doing[p] == TRYING)

active proctype machine()
{
	byte i;

	atomic {
		comes(0);
		comes(2);
		run process(0);
		run process(1);
		run process(2);
		run application(0);
		run application(1);
		run application(2)
	}
end:	do
	:: atomic { /* fork: the child has what its parent has, but for threads that wait */
		doing[0] != ABSENT && doing[1] == ABSENT ->
		doing[1] = (doing[0] == INSIDE -> LOST : IDLE);
		who_has[OWN(1)] = 2;
		who_has[OWN(0)] = who_has[OWN(0)] | 2;
		if
		:: applied[0] -> who_has[APPLICATION(0)] = who_has[APPLICATION(0)] | 2
		:: else
		fi;
		inherits = true
	   }
	:: atomic { kills > 0 ->
		select(i : 0 .. PROCESSES - 1);
		if
		:: doing[i] != ABSENT -> kills--; goes(i)
		:: else
		fi;
		i = 0
	   }
	:: atomic { doing[0] == ABSENT && doing[1] == ABSENT -> comes(0) }
	:: atomic { doing[2] == ABSENT -> comes(2) }
	:: atomic { STUCK -> assert(!WAITS(0) && !WAITS(1) && !WAITS(2)) }
	od
}
