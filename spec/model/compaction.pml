/* spec/model: compaction (FORMAT 8.4) beside a writer and readers: the lock, the name, the superseded
 * superblock, the rename; kills at every step and power cuts.  Commits are durable and whole: how one
 * becomes so is in commit.pml.
 *
 * There is one name, and files 0, 1, ... that have it one after the other.  What a file says is its
 * newest commit: a number that stands for all commits before it, since each begins with what was there.
 *
 * Always: who opens the name finds each commit whose call has returned, in a generation that is not
 * older than what was seen under that name since the last power cut; and the file of a compaction that
 * has returned, or a later one.
 *
 * Weakened by any of these, it has a counterexample (./run extra model):
 *
 *     -DNO_NAME_FLUSH                      a compaction is killed between its rename and its flush of
 *                                          the folder, another process commits to the new file, and
 *                                          the power cut brings the old one back
 *     -DNO_SUPERSEDE -DNO_NAME_CHECK       writers look neither at the state nor at the name; one of
 *                                          the two is enough
 *     -DNO_NEW_LOCK -DNO_NAME_FLUSH -DKILLS=0   the new file is not locked until its name is on the
 *                                          disk, beside writers that do not see to that themselves
 *     -DNO_FOLDER_FLUSH -DKILLS=0          the folder is not flushed
 *     -DNO_NEW_FLUSH                       nor is the new file before its rename */

#ifndef COMMITS
#define COMMITS 3
#endif
#ifndef COMPACTIONS
#define COMPACTIONS 2
#endif
#ifndef KILLS
#define KILLS 2
#endif
#ifndef CUTS
#define CUTS 2
#endif
#define FILES (COMPACTIONS + 1)
#define NOBODY 255

/* ---- The folder and the files, as processes see them, and what is on the disk ---- */

byte name, name_disk;
byte commits[FILES], commits_disk[FILES];       /* that are in it */
byte generation[FILES], generation_disk[FILES];
bool superseded[FILES], superseded_disk[FILES];
byte lock_of[FILES];
byte made = 1;

/* ---- Two writers and a compaction; 2 is the compaction ---- */

byte step[3];
byte file_of[3]; /* attached */
bool flushed[2]; /* the folder, by a commit of the writer since it attached the file */
byte fresh;      /* the compaction's new file */
byte next = 1;   /* commit */

/* ---- What is watched ---- */

byte returned = 0;  /* the newest commit whose call returned */
byte compacted = 0; /* the newest file of a compaction that did */
byte seen = 0;      /* the newest generation that a reader met under the name */
byte kills = KILLS, cuts = CUTS;

#define LINKED(f) (name == f)

/* A file, or the folder, goes to the disk: by itself at any time, or since it was flushed. */
inline flush(f)
{
	commits_disk[f] = commits[f];
	generation_disk[f] = generation[f];
	superseded_disk[f] = superseded[f]
}

inline attach(who)
{
	file_of[who] = name;
	if
	:: who < 2 -> flushed[who] = false
	:: else
	fi
}

inline release(who)
{
	h = 0;
	do
	:: h < FILES ->
		if
		:: lock_of[h] == who -> lock_of[h] = NOBODY
		:: else
		fi;
		h++
	:: else -> break
	od;
	h = 0;
	step[who] = 0
}

/* Whoever opens the name finds every commit that has returned, in a generation that is none of before. */
inline check_name()
{
	assert(commits[name] >= returned);
	assert(generation[name] >= seen);
	assert(name >= compacted);
	seen = generation[name]
}

proctype writer(byte k)
{
	byte h, f;

end:	do
	:: atomic { /* attached: by the name, once and again when it must */
		step[k] == 0 && next <= COMMITS ->
		step[k] = 1
	   }
	:: atomic {
		step[k] == 1 && lock_of[file_of[k]] == NOBODY ->
		f = file_of[k];
		lock_of[f] = k;
		if
#ifndef NO_SUPERSEDE
		:: superseded[f] && !LINKED(f) -> /* attach it again by its name */
			release(k);
			attach(k)
#endif
#ifndef NO_NAME_CHECK
		:: !(superseded[f] && !LINKED(f)) && !LINKED(f) -> /* another file has the name */
			release(k);
			attach(k)
#endif
		:: else ->
			step[k] = 2
		fi;
		f = 0
	   }
	:: atomic { /* the first since it attached the file flushes the folder */
		step[k] == 2 ->
#ifndef NO_NAME_FLUSH
		if
		:: !flushed[k] -> name_disk = name; flushed[k] = true
		:: else
		fi;
#endif
		step[k] = 3
	   }
	:: atomic { /* the commit: visible, whole, and, behind its last flush, on the disk */
		step[k] == 3 ->
		f = file_of[k];
		if
		:: next <= COMMITS && commits[f] < next ->
			/* What it puts is added to what is there: nothing that has returned may be missing. */
			assert(commits[f] >= returned);
			commits[f] = next;
			next++;
			generation[f]++;
			superseded[f] = false;
			step[k] = 4
		:: else -> release(k)
		fi;
		f = 0
	   }
	:: atomic {
		step[k] == 4 ->
		f = file_of[k];
		flush(f);
		returned = commits[f];
		release(k);
		check_name();
		f = 0
	   }
	od
}

proctype compaction()
{
	byte h, f;

end:	do
	:: atomic { /* 1: the old file's lock */
		step[2] == 0 && made < FILES && lock_of[name] == NOBODY ->
		f = name;
		lock_of[f] = 2;
		file_of[2] = f;
		f = 0;
		step[2] = 2
	   }
	:: atomic { /* 2: the new file, and the old one, durable */
		step[2] == 2 ->
		f = file_of[2];
		fresh = made;
		made++;
		commits[fresh] = commits[f];
		generation[fresh] = generation[f] + 2;
		superseded[fresh] = false;
#ifndef NO_NEW_FLUSH
		flush(fresh);
#endif
		flush(f);
		f = 0;
		step[2] = 3
	   }
	:: atomic { /* 3: its lock, unless another file has come to have the name */
		step[2] == 3 ->
		if
		:: !LINKED(file_of[2]) -> release(2)
		:: else ->
#ifndef NO_NEW_LOCK
			lock_of[fresh] = 2;
#endif
			step[2] = 4
		fi
	   }
	:: atomic { /* 4: the old file is superseded */
		step[2] == 4 ->
#ifndef NO_SUPERSEDE
		generation[file_of[2]]++;
		superseded[file_of[2]] = true;
#endif
		step[2] = 5
	   }
	:: atomic { /* 5: the rename, */
		step[2] == 5 ->
		name = fresh;
		step[2] = 6
	   }
	:: atomic { /* the folder, both locks */
		step[2] == 6 ->
#ifndef NO_FOLDER_FLUSH
		name_disk = name;
#endif
		compacted = fresh;
		release(2);
		check_name()
	   }
	od
}

active proctype machine()
{
	byte i, h;

	atomic {
		i = 0;
		do
		:: i < FILES -> lock_of[i] = NOBODY; i++
		:: else -> break
		od;
		i = 0;
		generation[0] = 1;
		generation_disk[0] = 1;
		run writer(0);
		run writer(1);
		run compaction()
	}
end:	do
	:: atomic { check_name() } /* a reader opens the name */
	:: atomic { select(i : 0 .. FILES - 1); flush(i); i = 0 }
	:: atomic { name_disk = name }
	:: atomic { /* one is killed, and another one comes */
		kills > 0 ->
		kills--;
		select(i : 0 .. 2);
		release(i);
		attach(i);
		i = 0
	   }
	:: atomic { /* the power is cut; those who come have no memory of what they saw */
		cuts > 0 ->
		cuts--;
		name = name_disk;
		i = 0;
		do
		:: i < FILES ->
			commits[i] = commits_disk[i];
			generation[i] = generation_disk[i];
			superseded[i] = superseded_disk[i];
			i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < 3 -> release(i); attach(i); i++
		:: else -> break
		od;
		i = 0;
		seen = 0;
		check_name()
	   }
	od
}
