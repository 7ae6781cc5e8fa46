(** Values outside the OCaml heap: in memory of their own, or in a file that
    OCaml, C and Python programs read in place.

    {[
      (* One process publishes ... *)
      let fd = Unix.openfile "idx" [ Unix.O_RDWR; Unix.O_CREAT ] 0o644
      let md = Ancient.attach fd 0n
      let () = ignore (Ancient.share md 0 (index : (string, entry) Hashtbl.t))

      (* ... any number of others use it, at once and without a copy. *)
      let md = Ancient.attach (Unix.openfile "idx" [ Unix.O_RDONLY ] 0) 0n
      let index : (string, entry) Hashtbl.t = Ancient.follow (Ancient.get md 0)
      let vim = Hashtbl.find index "vim"
    ]}

    An ancient value is an ordinary OCaml value: pattern matching, equality,
    [compare], [Hashtbl.hash], [Marshal] and every function that only reads
    work on it.  The garbage collector neither scans nor moves nor frees it, so
    gigabytes of it cost a collection nothing.

    Three rules:

    - {b Do not change an ancient value.}  A change is seen by this process
      alone, and a pointer to the heap stored in an ancient value is invisible
      to the collector: the program crashes later.  [Hashtbl.replace],
      [Buffer.add_string], [Queue.push], [a.(i) <- x], [r := x],
      [Bytes.set] are such changes; work on a copy.  With [ANCIENT_PROTECT=1] in
      the environment (or [~protect:true], see {!attach_with}) a change stops the
      program where it happens, after a line on stderr that names the file.
    - {b Do not use a value after} {!delete} {b or} {!detach} of what holds it.
      Values already taken out with {!follow} are not watched: reading them
      afterwards gives nonsense or a segmentation fault (the collector is safe
      from them).
    - {b Write down the type} of what {!get} returns.  Nothing checks it, as
      with [Marshal]: a wrong type crashes.

    {2 What happens to addresses}

    A program may hold on to anything: values, proxies, bigarrays made by
    [Array1.sub], in the heap, on stacks, in weak tables, for as long as it likes,
    also after {!delete} and {!detach}.  The collector is never hurt by them.  What it
    reads where a value was is not defined.

    - What was deleted or detached is not used for anything else as long as
      a collector might meet a pointer to it.  Now and then the library finds out
      which addresses are free: when an eighth as much as the heap, or a handful of
      files, was let go, in the next {!delete}, {!detach} or {!attach}.  With OCaml 4
      that call looks through the heap once (about a second for 1.5 GB).  With OCaml 5
      two cycles of the major collector have to pass; where four times as much was let
      go before they have, that call completes them, as [Gc.full_major] does.
    - So a program may mark and delete, attach and detach without end: mappings, memory
      and addresses stay within a bound.  A pointer that is kept holds the addresses
      around it: a few pages of a deleted value, or those of the whole file; they take
      no memory.
    - A file that is attached again is mapped where it was, pointers or not, as long as
      it is the same file or has grown.  A copy that has grown otherwise, or one from
      a backup, is mapped elsewhere while pointers to the other are around, which
      costs a private copy of it and makes it read-only.
    - Snapshots that {!publish} puts under one name take turns at eight addresses.
    - Bigarrays made by [Array1.sub], [reshape] and the like from a file's keep a page of
      operations of it alive.  With OCaml 5 such a page is never given back, but the next
      file at the same address has it again; a process that has read files with
      bigarrays at 512 addresses maps further ones where others were, at the price of
      a private copy.  (A process that {e writes} ever new files with bigarrays, none of
      them in place of another, keeps a page of each.)
    - All this needs [/proc], and with OCaml 5 64 KB of memory that can be locked
      ([ulimit -l]).  Without, no address is used twice.
    - Under [ulimit -v] a file that is read reserves what it has and an eighth more, and
      one that is written a quarter of what is left.

    {2 Confined processes}

    - Without [/proc] (a chroot, a sandbox) every file is read, and {!publish}, {!compact},
      {!recover} and {!reattach} work.  {!share} needs to know by which path the file was
      opened ({!attach_with} [~path]): it opens the file again, for a lock that a child or
      another process that has the descriptor too does not share.  Where it can do neither,
      {!attach} gives an [md] for reading, and {!share} raises [Error] with [Read_only] and
      what is missing.  The same holds where the process was given a descriptor of a file
      that it may not open itself.
    - Under [ulimit -d] (RLIMIT_DATA) a file's values count as memory of the process, unless
      they are mapped with [~protect:true] or [ANCIENT_PROTECT=1] at its base.  What goes beyond is
      refused with [Address_space], also in {!get}, for what was added; the kernel would map
      it, and then refuse the program all memory.
    - No memory is ever executable, so [MemoryDenyWriteExecute] and its like change nothing.
    - A memory cgroup is charged for what the process writes: values marked or shared, a file
      that is mapped elsewhere than at its base, pages that were changed.  The pages of a file
      that it was the first to read count as page cache, which the kernel takes back. *)

(** {1 Values in memory} *)

type 'a ancient
(** The proxy of an ancient value of type ['a].  Proxies belong to one process;
    they cannot be compared, marshalled or shared. *)

val mark : 'a -> 'a ancient
(** [mark v] copies [v] and everything reachable from it out of the OCaml heap
    and returns a proxy for the copy, to be opened with {!follow}.

    Sharing and cycles are preserved, at any depth.  [v] itself is unchanged; once
    the program drops it, {!Gc.compact} gives its memory back.

    The copy lives until {!delete}, even when the proxy is forgotten: forgetting
    it is a memory leak, and nothing worse.

    The copy is made in one go, with the other threads of the domain waiting;
    other domains must not change [v] meanwhile.

    It takes {!info}[.i_size] bytes (the payloads of bigarrays besides) and 24 more, proxy included;
    one of more than 64 KiB takes whole pages.  Marking a short string takes a fraction of a
    microsecond.

    @raise Invalid_argument where [v] holds something that cannot live outside
    the heap, saying what and where: ["Ancient.mark: functional value at
    root.(3).(0)"].  Refused are closures, objects, lazy values not yet forced,
    abstract and custom blocks of unknown types (see {!register_custom}) and
    pointers to memory that is no OCaml value.
    @raise Out_of_memory where the copy has no room. *)

val follow : 'a ancient -> 'a
(** [follow p] is the value that [p] stands for.  Nothing is copied; it takes a few instructions.

    It is valid until {!delete} [p], or {!detach} of the file it lies in, and
    usable from every thread and domain.

    @raise Invalid_argument ["deleted"] after {!delete} [p], and another text
    that names the file after {!detach}. *)

val delete : 'a ancient -> unit
(** [delete p] frees the copy that {!mark} made.  Values taken out of it with
    {!follow} must not be used any more, in no thread or domain.

    Small copies share pages of memory with those that were marked just before and after them.  A
    page is given back when the last copy in it is deleted, in whatever order they go, so the
    scattered survivors of many small copies keep up to a page each.

    @raise Invalid_argument ["deleted"] where it is deleted already, and another
    text where [p] comes from {!share} or {!get}: what a file holds goes with
    {!detach} and with the file. *)

val is_ancient : 'a -> bool
(** [is_ancient v] is [true] where [v] is a block of an ancient value, in memory
    or in an attached file, and [false] for everything else: heap blocks,
    constants of the program, integers, and what was deleted or detached. *)

val address_of : 'a -> nativeint
(** [address_of v] is the address of the block [v], [0n] where [v] is no block.
    The address of a heap block changes whenever the collector moves it. *)

(** {1 Values in files} *)

type md
(** An attached file.

    The file is a sequence of {e generations}: each {!share} adds one, in a single
    step that other processes see wholly or not at all.  Nothing published ever
    changes or moves, so a value already taken out stays what it is, whatever
    others publish.  spec/FORMAT.md describes the bytes. *)

val attach : Unix.file_descr -> nativeint -> md
(** [attach fd 0n] attaches the file open at [fd], new or existing.

    A {e new} file, zero bytes long, becomes an ancient file at the first {!share} of
    any process; [attach] writes nothing.  Until then {!get} raises [Not_found], and looks
    again each time: a program may attach a file, for reading too, before another one has
    shared anything, and poll.  C and Python answer EMPTY.

    The second argument is the address to map a new file at: [0n] lets the library choose
    well, and any other number is honoured where that address space is free; where it is
    not, the library chooses.  Where another process that has attached the same new file
    shares first, its address is taken.  For an {e existing} file the second argument is
    ignored: a file is mapped at the address it was made for, or, where that is taken, at
    another one, at the price of a private copy that can be read but not shared into.

    With [fd] open for reading only, the file can be read but not shared into.
    [O_APPEND] is refused.  [fd] stays the caller's: it may be closed at any time,
    {!detach} does not close it, and it is not used after [attach].

    Attaching the same file again, in the same process, gives another handle on
    the same mapping: the file stays mapped until each of them is detached.  What a
    handle may write, and whether that is synced, is its own affair.

    Cost: microseconds, whatever the size.  (With OCaml 4 the runtime's page table
    is filled in besides: 5 ms and 9 MB of memory for each GB, kept for the next
    time when the file is detached.)

    A child made by [Unix.fork] may read and share through the [md] it
    inherits.

    {b Waiting.}  [attach], {!share} and all others that may wait, for another
    process or another thread, let the other threads and domains go on meanwhile.
    Handlers of signals run, and where one raises, the call ends with that exception
    and has done nothing.  A call that would wait for the very call from within which
    it is made (in a handler of a signal that came during a {!compact} of the same
    file, say) raises [Error] with [Deadlock].

    @raise Error where the file cannot be attached, with one line that names the
    file, what was expected and what was found.
    @raise Invalid_argument for an address that can be none. *)

val detach : md -> unit
(** [detach md] ends the use of the file through [md].  The descriptor given to
    {!attach} stays open, so [detach md; Unix.close fd] is right, and so is
    [detach md] alone in a program that keeps the descriptor until it exits.

    Values taken out with {!follow} must not be used any more; proxies made
    through [md] raise when followed.  Pointers to such values that the program
    still has do no harm to the garbage collector.  An [md] that is never detached
    stays attached until the process ends, even when it is forgotten.

    A call of another thread that is using [md] meanwhile goes on to its end; the
    file is unmapped after it.  [detach] waits for nobody who attaches, relocates or
    detaches another file.

    A new file in which nothing was shared gets a generation without keys, where [md] can
    write it, so that C and Python find a file in which nothing is instead of an EMPTY one.
    Where that cannot be written, and where the process ends without [detach], it stays
    EMPTY, and the next writer goes on with it.  If a signal's handler raises while
    [detach] waits for other writers of such a file, [md] is detached all the same, and
    [detach] raises that.

    @raise Invalid_argument where [md] is detached already. *)

val share : md -> int -> 'a -> 'a ancient
(** [share md key v] copies [v], with everything reachable from it, into the file
    and publishes it under [key], from [0] to [max_int]; returns a proxy for the
    copy.

    When it returns, the value is on the disk, and every other process can {!get}
    it.  What was published under [key] before is not found any more, but lives on
    for those who hold it, and keeps its room in the file.

    Sharing and cycles are preserved.  Parts of [v] that lie in this file already
    are referred to, not copied: add to a published map and share the result, and
    only the difference is written.

    Any number of threads, domains and processes may share into one file at once;
    they wait for each other (threads of this process go on meanwhile, but for the
    time of the copy), and nothing is lost.  Other domains must not change [v].

    @raise Invalid_argument where [key] is negative, [md] is detached, or [v] cannot
    be shared, saying where: see {!mark}.
    A file that was removed, or moved, or never had a name, can be shared into as long as
    some process has it attached, and its children and they find what was shared.  Where
    another file has taken its name, what is shared would be found by nobody: that is
    refused ([Superseded], see {!reattach}), also where it happened between the opening of
    the descriptor and {!attach}.

    @raise Error where the file cannot take it: disk full, read-only, replaced by
    another; a new file's address that another process has fixed is taken in this one
    ([Relocated]).  In all these cases nothing was published, to others the file is as it
    was before, and [md] can still be used: for reading alone where the file was replaced. *)

val get : md -> int -> 'a ancient
(** [get md key] is the value published under [key], in the newest generation: one
    that another process has published a moment ago is seen.

    {b Write down the type}; note that it is the type of a proxy:
    [let index : (string, entry) Hashtbl.t Ancient.ancient = Ancient.get md 0].
    Nothing checks it, and with a wrong one the program crashes.  Exceptions,
    extensible variants and functorial abstractions that hide their contents do
    not match across executables, and a few types of the standard library do not match
    across versions of OCaml (their list is in {!Ancient_schema}): {!Typed.get} tells.

    Never waits for a writer.

    @raise Not_found where nothing is published under [key]; in a new file, nothing is.
    @raise Invalid_argument where [key] is negative or [md] is detached.
    @raise Error where the file is damaged, or was cut off or written over in place
    ([Torn_away]). *)

(** {1 Additional information} *)

type info = { i_size : int  (** Bytes written for the value, headers included. *) }
(** What {!mark_info} and {!share_info} tell beside.  [i_size] is [0] for a value
    that is no block, and counts only what was copied. *)

val mark_info : 'a -> 'a ancient * info
(** [mark_info v] is {!mark} [v] with the size of the copy. *)

val share_info : md -> int -> 'a -> 'a ancient * info
(** [share_info md key v] is {!share} [md key v] with the size of what was
    written. *)

(** {1 Errors} *)

(** What is wrong with a file.  The list is that of core/errors.def, which C and
    Python share. *)
type code = Ancient_errors.code =
  | System  (** a system call failed *)
  | Missing  (** no such file *)
  | Denied  (** permission denied *)
  | Directory  (** is a directory *)
  | Not_a_file  (** is not a regular file *)
  | Memory  (** out of memory; comes as [Out_of_memory] *)
  | Address_space
  (** not enough address space or mappings; the message says which limit was met *)
  | Torn_away  (** truncated while it was being read *)
  | Disk_full  (** no room for the commit, or past [ulimit -f] *)
  | Interrupted  (** by a signal *)
  | Argument  (** comes as [Invalid_argument] *)
  | Closed  (** comes as [Invalid_argument] *)
  | Wrong_kind  (** C and Python only *)
  | Cycle  (** C and Python only *)
  | Too_large  (** C and Python only *)
  | Bad_schema  (** a text that declares no types *)
  | Bad_shape  (** a value that is not of its type *)
  | Deadlock
  (** asked by a signal handler or a callback that runs within a call which works on the same
      file: call it when that has returned *)
  | No_key  (** the message says which there are; [Not_found] from {!get} *)
  | No_index  (** C and Python only *)
  | No_field  (** C and Python only *)
  | No_generation  (** none of that number, see {!commits} *)
  | Empty  (** nothing was ever published in it, and a generation is asked for *)
  | Short  (** too short to be an ancient file *)
  | Foreign  (** not an ancient file *)
  | Legacy  (** a file of ocaml-ancient 0.x: publish its values again *)
  | Byte_order  (** from a machine of another byte order *)
  | Version  (** of a newer format *)
  | Dialect  (** of an OCaml with another layout of values *)
  | Flags  (** uses a feature this library does not know *)
  | Bad_superblock  (** damaged, as are all that follow *)
  | Truncated  (** shorter than its superblock says *)
  | Bad_extent
  | Bad_checksum
  | Bad_padding
  | Bad_block
  | Bad_pointer
  | Bad_string
  | Bad_custom
  | Bad_bigarray
  | Bad_directory
  | Bad_count
  | Unshareable  (** comes as [Invalid_argument] *)
  | Read_only
  (** attached for reading only, or by a process that cannot open the file again *)
  | Append_mode  (** the descriptor has [O_APPEND] *)
  | Relocated  (** mapped elsewhere than at its base: can be read, not written *)
  | Superseded  (** another file has its name: attach that *)
  | No_room  (** the address space reserved for the file is used up *)
  | Bad_base  (** the address given to {!attach} cannot be used *)
  | Name_taken  (** the name belongs to another key *)
  | Irreplaceable  (** cannot be replaced by a compacted file *)
  | Unrecovered  (** damaged, and a commit would be lost: {!recover} the file *)
  | Went_back  (** has an older generation than it had: it was written over *)
  | Undurable  (** shares without sync have been lost in part, see {!set_sync} *)

type error = {
  code : code;
  message : string;
  (** one line: the file, what was expected, what was found, what to do *)
  offset : int option;  (** where in the file, in bytes *)
  rule : string option;
  (** the broken rule of spec/FORMAT.md section 10, such as ["V3"] *)
}

exception Error of error
(** [Error e] says why a file cannot be attached, read or shared into.
    [Printexc.to_string] gives the code and the message.

    {[
      match Ancient.attach fd 0n with
      | md -> md
      | exception Ancient.Error { code = Foreign | Legacy; message; _ } -> ...
    ]} *)

(** {1 More control} *)

(** How the blocks of a value follow each other. *)
type order =
  | Depth_first
  (** a block lies beside what it points to: best for looking things up *)
  | Breadth_first
  (** blocks of the same depth lie together: best for scans over one column *)
  | Elements_first
  (** of an array or list, the elements lie side by side and what is below each behind all of
      them: scans over numbers in the elements themselves as with [Breadth_first], each element's
      other parts together as with [Depth_first], which other values get *)

val attach_with :
  ?base:nativeint ->
  ?reserve:int ->
  ?read_only:bool ->
  ?protect:bool ->
  ?sync:bool ->
  ?verify:bool ->
  ?generation:int ->
  ?path:string ->
  Unix.file_descr ->
  md
(** [attach_with fd] is {!attach} [fd 0n], with choices:

    - [base]: the address for a new file (default [0n], chosen by the library).
    - [reserve]: bytes of address space for a new file, which it can never outgrow
      (default [0], 256 GB).
    - [read_only]: never write through this [md], whatever [fd] allows (default
      [false]).
    - [protect]: map the values so that changing one is a segmentation fault, after
      a line on stderr that names the file (default: as this process has the file
      mapped, if it has; else [true] where the environment has [ANCIENT_PROTECT=1], and
      [false] otherwise).  [Hashtbl.iter] and [Hashtbl.fold] store a flag into the table
      they walk: they are changes in this sense, and harmless without [protect].
    - [sync]: see {!set_sync} (default [true]).
    - [verify]: {!verify} it before returning (default [false]).
    - [generation]: the generation to read (default: always the newest).  {!get},
      {!get_named}, {!keys}, {!fold_keys} and {!Typed.get} find what was published in
      it, whatever others publish meanwhile, and {!verify} checks the file as it was
      then.  {!refresh} does nothing.  {!share}, {!remove} and {!restore} raise
      [Error] with [Read_only].  The mapping is that of any other [md] of the file in
      this process.  {!commits} tells which generations there are.
    - [path]: by which [fd] was opened.  It is used where there is no [/proc], and then makes
      sharing possible; a path that leads to another file is ignored.

    @raise Error as {!attach} and {!verify} do, and with [No_generation] where the
    file has no such generation, or a writer of format 1.0 or 1.1 made it.
    @raise Invalid_argument where [reserve] is negative or [generation] less than 1,
    and where this process has the file mapped with another [protect] than is given. *)

val share_with :
  ?name:string ->
  ?order:order ->
  ?sync:bool ->
  ?dedup:bool ->
  ?strings:bool ->
  md ->
  int ->
  'a ->
  'a ancient * info
(** [share_with md key v] is {!share_info} [md key v], with choices:

    - [name]: a name for the key, 1 to 255 bytes of UTF-8 without zero bytes, by
      which {!get_named}, C and Python find it too.  A key shared again without its
      name loses the name.
    - [order]: default [Depth_first].
    - [sync]: see {!set_sync} (default: what [md] is set to).
    - [dedup], [strings]: write equal blocks once (default [false]), see
      {!section-equal_blocks_once}.

    @raise Error with [Name_taken] where another key has that name, and as {!share}.
    @raise Invalid_argument for a bad name, for [~dedup:true] with [Breadth_first], and as
    {!share}. *)

val get_named : md -> string -> 'a ancient
(** [get_named md name] is the value whose key has the name [name] (see
    {!share_with}), as {!get} gives it by its key.

    @raise Error with [No_key] where no key has that name; the message says which there are.
    @raise Invalid_argument where [name] cannot be a name or [md] is detached.
    @raise Error where the file is damaged. *)

val keys : md -> (int * string option) list
(** [keys md] is every key of the newest generation, least first, with its name if it
    has one.

    @raise Invalid_argument where [md] is detached.
    @raise Error where the file is damaged. *)

val fold_keys : (int -> string option -> 'acc -> 'acc) -> md -> 'acc -> 'acc
(** [fold_keys f md init] is [f kN nameN (... (f k1 name1 init))], where the [k]s are
    the keys of the generation that is newest when it begins, least first, and the
    names theirs.  What [f] or others publish meanwhile is not met.

    {[
      (* What was published under a name of ours. *)
      Ancient.fold_keys
        (fun key name found ->
           match name with
           | Some name when String.starts_with ~prefix:"shard/" name ->
             (Ancient.get md key : shard Ancient.ancient) :: found
           | _ -> found)
        md []
    ]}

    @raise Invalid_argument where [md] is detached, before or by [f].
    @raise Error where the file is damaged. *)

type binding
(** A key, perhaps a name, and a value, to be published with others. *)

val bind : ?name:string -> int -> 'a -> binding
(** [bind key v] pairs [v] with the [key] that {!share_many} or {!publish_many} will
    publish it under.  Nothing is copied or checked before they run.

    @raise Invalid_argument where [key] is negative or [name] cannot be one. *)

val share_many :
  ?order:order ->
  ?sync:bool ->
  ?dedup:bool ->
  ?strings:bool ->
  md ->
  binding list ->
  info
(** [share_many md [ bind 0 index; bind 1 words ]] publishes several values in one
    step: others see all of them or none.  What the values share is shared in the
    file.  Returns the bytes written in total; {!get} gives the proxies.  With an
    empty list, does nothing.  [order], [sync], [dedup] and [strings] are those of
    {!share_with}.

    @raise Invalid_argument where a key is given twice.
    @raise Invalid_argument or [Error] as {!share} does; then none is published. *)

(** {2:equal_blocks_once Equal blocks once}

    With [~dedup:true] the blocks of a value that are equal are written once, for a file of data that
    repeats itself: log records, measurements, parsed documents.  {!share_with}, {!share_many},
    {!publish}, {!publish_many}, {!compact}, {!Typed.share} and {!Typed.publish} take it.

    Blocks are equal where their words are, bit by bit: [-0.] is not [0.], and a NaN not another one.
    Of what they lead to, equal blocks are one by then, so that equal lists and trees are found as a
    whole.  Which blocks are compared:

    - boxed [float]s, [int32], [int64], [nativeint], Zarith's integers: always;
    - [string]s with [~strings:true] besides, which does nothing without [~dedup:true]: by it you
      promise that nobody changes them in place and that no [bytes], which cannot be told from them,
      have to stay apart;
    - where the type is known, by {!Typed.share} and its like, by {!Typed.bind}, or because {!compact}
      finds it in the file, also [string]s, the cells of lists, tuples, options, results,
      constructors, and records without a mutable field.

    Never [bytes], arrays, refs, records with a mutable field, lazies, bigarrays, the blocks of
    tables, maps, sets, queues and stacks themselves, and what leads back to itself.  The types are
    what the schema says: a field that [Schema.field] was not told is mutable counts as immutable.

    What it changes: [==] holds of more blocks than in the original; [=], [compare], hashes, and what C
    and Python read are the same (raw dumps show which blocks are shared).  What was published
    earlier stays as it is, and is not compared: {!compact} does that for all keys together.
    [ancientctl profile] says how much of a file are equal blocks.

    It takes up to 26 bytes of memory for each block that is compared and has no equal, 256 MB at
    most, and 64 MB for lists.  In a value of more such blocks those that were not met for long are
    forgotten, and their equals stay; so do lists of more than a million cells, but for their
    elements.  With [Elements_first] the elements of the array or list stay.  [Breadth_first] is
    refused. *)

val remove : md -> int -> unit
(** [remove md key] takes [key] away, and its name, in a generation of its own: {!get}
    does not find it any more, in no process.  Who holds its value keeps it, and so does
    the file, until it is compacted ({!compact}); older generations still have the key.

    It waits as {!share} does, with the other threads going on, and is on the disk when
    it returns, unless {!set_sync} says otherwise.

    @raise Error with [No_key] where nothing is published under [key]; then there is no
    new generation.
    @raise Invalid_argument where [key] is negative or [md] is detached.
    @raise Error as {!share} does. *)

val mark_with : ?order:order -> 'a -> 'a ancient * info
(** [mark_with ~order v] is {!mark_info} [v] in the order wanted. *)

val set_sync : md -> bool -> unit
(** [set_sync md false] lets the following {!share}s through [md] return before
    their bytes are on the disk: faster, safe when the process or other processes
    are killed, not safe when the power fails.

    A [share] with sync that returns has all of the file on the disk: its own value and
    what any process shared before it.  Where it raises [Error] with [System] because the
    disk did not take what it was given (EIO), its value may be visible or not, as
    {!get} says, and may be gone after a power cut.  What was on the disk stays there.
    The system reports such a failure once and then takes the data for written, so the
    next [share] with sync, of whatever process, reads back what is not known to be on
    the disk, compares its checksums and writes it again.  Where that is not there any
    more it raises [Error] with [Undurable], and no [share] with sync succeeds until the
    file has been published anew or has gone back to what is whole, by {!recover}
    [~drop_lost:true].  After EIO: see to the disk, then share again; detach and attach
    again where [Went_back] says that a generation has vanished that this process had
    seen. *)

val refresh : md -> unit
(** [refresh md] moves [md] to the newest generation that other processes have
    published.  {!get}, {!get_named}, {!keys}, {!share} and their like do so by
    themselves; [refresh] is for programs that watch {!generation}.

    Values already taken out stay as they are.  [md] stays with its file: one that
    has taken the file's name, by {!publish}, is found by attaching the name again.
    (Python's [Store.refresh] and C's [ancient_file_reopen] open files by name, and so
    move to that one too.)

    @raise Invalid_argument where [md] is detached.
    @raise Error where the file is damaged, or has become an older one of itself
    ([Went_back]: somebody wrote a copy of it over it).  [md] stays at the generation it
    has seen. *)

val generation : md -> int
(** [generation md] is the number of the newest generation [md] has seen: 1 for a
    new file, one more with each commit.  It does not read the file: what others publish
    changes it at the next {!refresh}, {!get} or {!share}.  Where [md] was attached at a
    generation, it is that one.

    @raise Invalid_argument where [md] is detached. *)

type advice =
  | Normal  (** the kernel reads ahead, much more than what is missing *)
  | Random  (** here and there: the page that is missing, and no more *)
  | Sequential  (** from the beginning to the end: more ahead than normally *)

val advise : md -> advice -> unit
(** [advise md advice] tells the kernel how values of the file will be read, of those there are
    and of those to come, until it is told otherwise.  It counts for a file that is not in
    memory: a lookup in a large table reads little more than the pages it meets with
    [Random], and some hundred kilobytes for each of them with [Normal], which is what the
    kernel does unless it is told.  Loops over all of a table are as much faster with
    [Normal] or [Sequential].  (Readers in C and Python tell it by themselves, since they
    know what is looked up; OCaml follows pointers.)

    @raise Invalid_argument where [md] is detached. *)

val prefetch : md -> unit
(** [prefetch md] reads the values of the newest generation [md] has seen into memory, and
    enters their pages in the page tables of this process (before Linux 5.14 the former
    alone): a program that answers requests calls it after {!attach} or {!refresh}, so that
    the first ones need not wait for the disk.  Nothing is pinned: the kernel takes pages
    back when it needs the memory.  It takes as long as the disk takes for the file;
    a second call costs little.  Other threads go on meanwhile, and signals are handled.

    @raise Error with [Torn_away] where a part of the file is gone.
    @raise Invalid_argument where [md] is detached. *)

val verify : md -> unit
(** [verify md] checks each byte of the file: checksums, the shape of every block,
    every pointer.  For files from strangers, before the first {!follow}; it does
    not check that the value is of the type you write down: {!Typed.get}
    [~verify:true] does.  Other threads go on meanwhile.

    @raise Error with the first broken rule, or with [Empty] where nothing has been published.
    @raise Invalid_argument where [md] is detached. *)

(** {2 Recovery} *)

type recovered = {
  generation : int;  (** that is the newest now *)
  recovered : int option;  (** the generation that was hidden, where there was one *)
  lost : int option;
  (** with [~drop_lost:true], the generation that had lost a part, where there was one *)
  damaged : int;  (** superblocks that were damaged, [0] to [2] *)
}
(** What {!recover} has found and done. *)

val recover : ?drop_lost:bool -> string -> recovered
(** [recover path] repairs the superblocks of a damaged file: the two places, at bytes 0
    and 4096, from which everything else in it is found.  Each commit has left a copy of
    its own, so the newest complete commit comes back, also where both are lost.  What to
    do after [Error] with [Unrecovered]; [ancientctl recover] does the same.

    A file with two good superblocks is left as it is ([damaged = 0]).  Otherwise a new
    generation is committed, with the keys of the one that was found, and is on the disk
    when [recover] returns.  Processes that have the file attached go on, and see it as
    any other commit.  It waits for those who share; other threads go on meanwhile.

    Only superblocks are repaired: {!verify} the file afterwards.

    [~drop_lost:true] (default [false]) is what to do after [Error] with [Undurable]:
    where generations that were never on the disk have lost a part, a new generation is
    committed with the keys of the newest one that is whole; what was shared after that
    one has to be shared again.  Values that processes have obtained stay where they are,
    as far as they are still there.  Without it such a file is refused.

    @raise Error where nothing can be recovered ([Foreign]: no commit record is left, or
    the file is of format 1.0 or 1.1), the file may not be written ([Denied]),
    is of a newer format ([Version], [Flags]), or has lost a part ([Undurable]).  Then it is as it was.
    @raise Invalid_argument for a path with a zero byte. *)

(** {2 Older generations} *)

val generation_time : md -> float option
(** [generation_time md] is when the generation that [md] reads was committed, in seconds
    since the epoch, as [Unix.gettimeofday] counts them, by the clock of the machine that
    did.  It looks for a newer generation first, as {!refresh} does.

    {[
      let age md =
        match Ancient.generation_time md with
        | None -> None
        | Some time -> Some (Unix.gettimeofday () -. time)
    ]}

    [None] for a new file, for generations that a writer of format 1.0 or 1.1 made, and
    where [SOURCE_DATE_EPOCH=0] was in the environment of the process that committed it:
    with it, programs that share the same values write the same bytes (but for the
    file's UUID); another number of seconds is recorded as the time.

    @raise Invalid_argument where [md] is detached.
    @raise Error as {!refresh} does. *)

type commit = {
  generation : int;  (** the number of the generation that it made *)
  time : float option;  (** as {!generation_time} *)
  published : int;  (** keys that it published *)
  removed : int;  (** keys that it removed *)
  keys : int;  (** keys that there were after it *)
  bytes : int;  (** that it added to the file *)
  used : int;  (** bytes of the file at its end *)
}
(** What a commit left in the file: one {!share}, {!share_many}, {!remove}, {!restore} or
    {!recover}. *)

val commits : md -> commit list
(** [commits md] is the commits of the file, the newest first; where [md] was attached at a
    generation, from that one on.  It ends at the first commit, or at one that a writer
    of format 1.0 or 1.1 made.  {!compact} and {!publish} begin a new log.

    Each of these generations can be attached ({!attach_with}) and {!restore}d.  It takes
    a read of 320 bytes for each commit; other threads go on meanwhile.

    @raise Invalid_argument where [md] is detached.
    @raise Error where a commit record is damaged, and as {!refresh} does. *)

val restore : md -> int -> unit
(** [restore md generation] publishes again what [generation] had: a new generation has
    its keys, names, types and values, and nothing else.  Nothing is copied, and nothing
    is lost: the generations after it stay in {!commits}, so a [restore] can be undone by
    another.  It waits and is durable as {!remove} is.

    @raise Invalid_argument where [generation] is less than 1 or [md] is detached.
    @raise Error with [No_generation] where the file has no such generation, and as
    {!share} does. *)

(** {2 Whole files} *)

val publish :
  ?perm:int ->
  ?order:order ->
  ?name:string ->
  ?dedup:bool ->
  ?strings:bool ->
  string ->
  'a ->
  unit
(** [publish path v] makes [path] a file that holds [v] under key [0], and nothing
    else: writes a temporary file beside it, brings it to the disk, renames it to
    [path] and makes the name durable.

    The way to hand out whole snapshots: readers see the old file or the new one,
    never a half, and those who have the old one attached keep it.  They find the
    new one by attaching [path] again.  Of several at the same time, the last wins.

    A symbolic link is followed, also where it leads to a file that is not there yet.
    The new file has owner, group, mode and extended attributes of the one that it
    replaces, as far as this process may give them: where the group cannot be kept, it
    may do what everybody may.  [perm], less the umask, is the mode instead; a file
    that was not there has [0o644], less the umask.

    [order], [dedup], [strings]: as in {!share_with}.

    The temporary file is called [.NAME.N.publish], with a small number [N].  One whose
    process was killed stays until the next {!publish} or {!compact} of [path], by
    whoever may open and remove it; those of processes at work are left alone.

    @raise Unix.Unix_error where the temporary file cannot be made or renamed, or [path]
    is a folder, with [path] as it is written; where its folder is missing, with that.
    @raise Error with [Not_a_file] where [path] is a device, a pipe or a socket.
    @raise Invalid_argument or [Error] as {!share} does.  In all these cases [path]
    is as it was and no temporary file is left.
    @raise Unix.Unix_error also where the folder cannot be flushed, with its path: then
    the new file is there, but a power cut may bring the old one back. *)

val publish_many :
  ?perm:int ->
  ?order:order ->
  ?dedup:bool ->
  ?strings:bool ->
  string ->
  binding list ->
  unit
(** [publish_many path bindings] is {!publish} with several keys.

    @raise Invalid_argument where a key is given twice, and as {!publish}. *)

type compacted = {
  bytes_before : int;
  bytes_after : int;  (** of the file *)
  blocks_before : int;
  blocks_after : int;
}
(** What {!compact} has done. *)

val compact :
  ?base:nativeint ->
  ?order:order ->
  ?progress:(int -> int -> unit) ->
  ?dedup:bool ->
  ?strings:bool ->
  string ->
  compacted
(** [compact path] copies what the keys of the file [path] lead to into a new file,
    which takes its place: values that were replaced are gone, and their room with
    them.  Keys, names, schemas, what values share, owner and mode stay.

    Nobody is disturbed: whoever has the old file attached keeps its values, this
    process too, and who {!share}s into it gets [Error] with [Superseded]; see
    {!reattach}.  Shares wait while it runs.  Nothing is lost, and [path] leads to one
    of the two files, whole and on the disk, at every instant, even if the process
    is killed.

    - [base]: the address of the new file.  By default a file whose address the
      library chose gets another one, free in this process, so that the new file can
      be shared into where the old one is attached; one whose address you gave keeps
      it, and is then mapped elsewhere, for reading only, by processes that have the
      old one attached.
    - [order]: default [Depth_first], whatever the values were shared in.
    - [dedup], [strings]: write equal blocks once, under all keys together (default
      [false]), see {!section-equal_blocks_once}.  Types are those in the file; a key without
      any is taken as {!share_with} does.  Blocks that are one already stay one without it.
    - [progress done total]: called now and then, with bytes of work, of which the
      total is an estimate.  What it raises stops the compaction, leaves the file as
      it was, and is raised by [compact].  It cannot share into the file, which is
      locked: that raises [Error] with [Deadlock].

    The file is verified first.  It takes memory (1/64 of the file, up to a quarter of
    what is copied, and all of its bigarrays) and room on the disk for the copy.
    Other threads go on meanwhile, and handlers of signals run.  A child that one of
    them forks stops where it returns from it, and begins again by itself.

    @raise Error where the file is damaged, has several names ([Irreplaceable]: hard
    links) or an owner that cannot be kept, may not be written ([Denied]), or the disk
    is full.  In all these cases it is as it was.
    @raise Invalid_argument for a path with a zero byte, and for [~dedup:true] with
    [Breadth_first]. *)

val reattach : md -> string -> md
(** [reattach md path] attaches the file that has the name [path] now, with the
    settings of [md]: what to do when a share raises [Superseded], because the file was
    compacted or published anew.

    {[
      let rec store md key v =
        match Ancient.share !md key v with
        | copy -> copy
        | exception Ancient.Error { code = Superseded; _ } ->
          let old = !md in
          md := Ancient.reattach old "idx";
          Ancient.detach old; (* if its values are not used any more *)
          store md key v
    ]}

    Where [v] was made from what the file held, make it again from the new file:
    another process may have shared since, and parts of [v] that lie in the old file
    would be copied, though the new one has them.

    One that was attached at a generation becomes one of the newest, for reading.

    A process that keeps pointers to values of each old file can do so about 190 times;
    after that the new file can be read only ([Relocated]).

    @raise Unix.Unix_error where the file cannot be opened.
    @raise Error as {!attach} does. *)

val register_custom : string -> unit
(** [register_custom id] allows sharing and marking of custom blocks whose operations
    have the identifier [id].  The caller promises that such blocks hold neither OCaml
    values nor pointers to memory, and need no finalizer: they are copied as plain
    bytes.  It holds for the whole process, until it ends.

    [Int32], [Int64], [Nativeint], [Bigarray] and Zarith's [Z.t] are known from the
    start.  The operations are looked for when a file that holds such values is
    attached, so a library must have made its type known by then.  A process that
    reads such a file without the library that defines the type gets values whose
    comparison and marshalling raise [Invalid_argument]; all of them hash alike.

    @raise Invalid_argument where [id] is not 1 to 55 bytes without zero bytes. *)

(** {1 Coming from ocaml-ancient}

    Programs written for ocaml-ancient 0.9 and 0.10 compile and run unchanged: the
    same module, functions, types and exceptions.  The files are others: one of
    ocaml-ancient is recognised and refused ([Legacy]); publish its values again.

    {b The same.}  [mark], [follow], [delete], [is_ancient], [address_of], [attach],
    [detach], [share], [get], [mark_info], [share_info].  Keys are integers of your
    choice.  Ancient values must not be changed, and [get] believes the type you
    write down.

    {b Better.}

    - What cannot be shared is refused, and [Invalid_argument] says what and where;
      closures and custom blocks used to be copied with pointers into the program.
    - Depth does not matter, cycles end, and static data ([[||]], constants at top
      level) are copied like all others.
    - [=], [compare], [Hashtbl.hash] and [Marshal] work on ancient values.
    - [Int32], [Int64], [Nativeint], [Bigarray] and Zarith's integers are shared.
    - A value shared over another, or a crash at any instant, leaves the old one whole
      for those who read it; processes, threads and domains may share into one file
      at once.
    - A file is read without permission to write, wherever its addresses are taken, and
      by C and Python.  It is as large as its values, not up to twice that.
    - OCaml 5, where [delete] used to abort and [is_ancient] to err.
    - Pointers to what was deleted or detached do not harm the collector.

    {b What to delete from your program.}

    - [ulimit -s], large stacks, and threads made only for them: nothing recurses.
    - Guessed base addresses: [0n] does well.  Yours is honoured where it is free.
    - Copies of static data made first ([Obj.dup], rebuilt constants, a detour through
      [Marshal]).
    - Equality and hashing of your own for ancient values.
    - Locks around [share], and the rule of one writer.
    - Keys kept dense and few: any from [0] to [max_int] will do.

    {b What to add.}  [ANCIENT_PROTECT=1] in the environment of your tests: what changes
    an ancient value stops there.  {!publish} where a file is made as a whole.
    {!share_with} with [~sync:false] where one is made in many steps: a [share] returns
    when its value is on the disk, which takes milliseconds. *)

(** {1 Typed files}

    A file may carry the OCaml types of its values.  Python and C programs then see
    names, ["vim"].version and not field 0 of field 1, and OCaml programs are told of a
    wrong type instead of crashing on it.

    {[
      type package = { version : string; size : int } [@@deriving ancient]
      type index = (string, package) Hashtbl.t [@@deriving ancient]

      let () = Ancient.Typed.publish "idx" index_schema index
      let index = Ancient.follow (Ancient.Typed.load "idx" index_schema)
    ]} *)

module Schema = Ancient_schema
(** The types of values, as values: see {!Ancient_schema}. *)

exception Schema_mismatch of string
(** [Schema_mismatch text]: a program expects another type than the file has.  [text]
    names the first difference: ["idx, key 0: field \"size\" of type package: expected int,
    the file has string"]. *)

module Typed : sig
  val share :
    md ->
    ?name:string ->
    ?order:order ->
    ?sync:bool ->
    ?dedup:bool ->
    int ->
    'a Schema.t ->
    'a ->
    'a ancient
  (** [share md key schema v] is {!Ancient.share_with} [md key v], and the type of [v]
      is stored with it.  What is published under [key] later without a schema has
      none.  [dedup]: see {!section-equal_blocks_once}.

      @raise Invalid_argument also where a schema made by combinators does not agree with
      [v]: see {!Schema.record}. *)

  val get : ?verify:bool -> md -> int -> 'a Schema.t -> 'a ancient
  (** [get md key schema] is {!Ancient.get} [md key], after a look at the type.  Types
      agree where their fingerprints do; names of types and modules do not matter.

      Two programs must also store records of nothing but floats alike.  A compiler stores
      them flat where it sees that they are, and it does not see it through a signature
      that makes [float] an abstract type.  A program finds out how its own are stored, its
      files say so, and a difference is a mismatch.  Where a file does not say it (its types
      were written by hand), every block of the value is compared with the type.

      Otherwise the file is trusted: the type is the one its writer gave, and the values are
      not checked.  With [~verify:true], for files from strangers, they are: the whole file is
      verified ({!Ancient.verify}; once for each generation), then every block that can be
      reached from the value is compared with the type.  So no value harms the program,
      whatever the file holds, as long as nobody changes the file meanwhile.  The values
      themselves are not judged: a map may hold keys in the wrong order, a list may be
      without end.  It takes time in proportion to the file, and memory for a bit per word
      of the value and type it is met as.

      @raise Schema_mismatch where they do not agree, or the file has no schema under
      [key], or a block is not of its type.
      @raise Error with [No_key] where nothing is published under [key]; the message says
      which keys there are.
      @raise Invalid_argument or [Error] as {!Ancient.get} does, and with [verify] as
      {!Ancient.verify} does. *)

  val get_named : ?verify:bool -> md -> string -> 'a Schema.t -> 'a ancient
  (** [get_named md name schema] is {!get} of the key that was published with [name]. *)

  val bind : ?name:string -> int -> 'a Schema.t -> 'a -> binding
  (** [bind key schema v] is for {!Ancient.share_many} and {!Ancient.publish_many}, where
      typed and untyped values may stand side by side.

      @raise Invalid_argument as {!share} does. *)

  val publish :
    ?perm:int ->
    ?order:order ->
    ?name:string ->
    ?dedup:bool ->
    string ->
    'a Schema.t ->
    'a ->
    unit
  (** [publish path schema v] is {!Ancient.publish} [path v] with the type of [v]. *)

  val load : ?verify:bool -> string -> 'a Schema.t -> 'a ancient
  (** [load path schema] opens the file for reading, attaches it and gets key [0].  It
      stays attached until the process ends; to give it up, {!attach} it yourself.
      [verify] (default [false]): as in {!get}.

      @raise Unix.Unix_error where it cannot be opened.
      @raise Schema_mismatch or [Error] as {!attach} and {!get} do; then it is not
      attached. *)
end
