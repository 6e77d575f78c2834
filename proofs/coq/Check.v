(** The test that the kernel evaluates, and its soundness ([check_sound]).

    Given are integers only: the centre, the teachers and a lower triangular factor L over common denominators, and
    rational radii and bounds.  [check] evaluates, in interval arithmetic,
    - at the centre: the loss and the norm of its gradient,
    - on the box: the lower triangle of the Hessian, minus a shift s, minus L L^T, in Frobenius norm. *)

From Coq Require Import Reals Lra Lia Psatz List ZArith QArith Qreals Bool FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Xreal Interval Float_full Float Basic Sig.
From Certify Require Import Sums Contraction Convexity Kernel Statement Landscape Conclusion Enclosures.
Import ListNotations.
Open Scope R_scope.

(** Entries of matrices given by integers over a common denominator; zero outside. *)
Definition entry (den : positive) (rows : list (list Z)) (i k : nat) : R := Q2R (nth k (nth i rows nil) 0%Z # den).

Module Check (F : FloatOps with Definition radix := Zaux.radix2 with Definition sensible_format := true).
Module E := Enclosures F.
Import E.

Section Test.
Variable prec : F.precision.
Notation interval := I.type.
Notation vector := (list interval).
Notation has := has.
Local Notation "a [+] b" := (plus prec a b) (at level 50, left associativity).
Local Notation "a [-] b" := (minus prec a b) (at level 50, left associativity).
Local Notation "a [*] b" := (times prec a b) (at level 40, left associativity).
Local Notation "a [/] b" := (over prec a b) (at level 40, left associativity).
Local Notation dot := (dot prec).
Local Notation int := (int prec).

(** What the formulas of a pair need. *)
Record pair := { P : interval; Q : interval; r : interval; D : interval; s : interval }.

Definition pair_of (u v : vector) : pair :=
  let P := dot u u in let Q := dot v v in let r := dot u v in
  let D := (P [*] Q) [-] (r [*] r) in {| P := P; Q := Q; r := r; D := D; s := I.sqrt prec D |}.

Definition turn_of (p : pair) : interval := (I.pi prec [/] int 2) [+] I.atan prec (r p [/] s p).
Definition across_of (u v : vector) (p : pair) : vector := let c := r p [/] P p in zip (fun a b => b [-] (c [*] a)) u v.
Definition flip (p : pair) : pair := {| P := Q p; Q := P p; r := r p; D := D p; s := s p |}.

Variable d : nat.

Definition pair_in (p : pair) (u v : nat -> R) : Prop :=
  has (P p) (inner d u u) /\ has (Q p) (inner d v v) /\ has (r p) (inner d u v) /\ has (D p) (gram d u v) /\
  has (s p) (area d u v).

Definition vec (l : vector) (f : nat -> R) : Prop := length l = d /\ inside l f.

Lemma dot_vec a b f g : vec a f -> vec b g -> has (dot a b) (inner d f g).
Proof. intros [La A] [Lb B]. apply dot_inside; auto. Qed.

Lemma pair_of_ok a b u v : vec a u -> vec b v -> pair_in (pair_of a b) u v.
Proof.
  intros A B. assert (gr : has (D (pair_of a b)) (gram d u v)).
  { apply has_minus; apply has_times; apply dot_vec; auto. }
  repeat split; try (apply dot_vec; auto); [exact gr|]. apply has_sqrt. exact gr.
Qed.

Lemma flip_ok p u v : pair_in p u v -> pair_in (flip p) v u.
Proof.
  intros [A [B [C [G S]]]]. repeat split; simpl; auto.
  - rewrite inner_symmetric. auto.
  - rewrite gram_symmetric. auto.
  - rewrite area_symmetric. auto.
Qed.

Lemma zip_size (h : interval -> interval -> interval) (l m : vector) : length l = d -> length m = d -> length (zip h l m) = d.
Proof. intros A B. rewrite zip_length. rewrite A, B. apply Nat.min_id. Qed.

Section Pair.
Variables (a b : vector) (u v : nat -> R) (p : pair).
Hypothesis A : vec a u.
Hypothesis B : vec b v.
Hypothesis p_in : pair_in p u v.
Hypothesis good : positive (D p) = true.

Lemma pair_facts : 0 < gram d u v /\ 0 < inner d u u /\ 0 < inner d v v /\ 0 < area d u v.
Proof.
  assert (G : 0 < gram d u v) by (apply (positive_true (D p)); [auto|apply p_in]).
  destruct (gram_positive d u v G). repeat split; auto. apply sqrt_lt_R0. auto.
Qed.

Lemma turn_ok : has (turn_of p) (turn d u v).
Proof.
  destruct pair_facts as [_ [_ [_ S]]]. destruct p_in as [HP [HQ [Hr [_ Hs]]]].
  apply has_plus; [apply has_over; [lra|apply has_pi|apply (has_int prec 2)]|].
  apply has_atan, has_over; auto. lra.
Qed.

Lemma across_ok : vec (across_of a b p) (across d u v).
Proof.
  destruct pair_facts as [_ [HP0 _]]. destruct p_in as [HP [_ [Hr _]]], A as [La Ia], B as [Lb Ib]. split.
  - apply zip_size; auto.
  - unfold across_of, across. cbv zeta. apply (inside_zip _ a b u v (fun x y => y - inner d u v / inner d u u * x)); auto.
    intros x y x' y' Hx Hy. apply has_minus; auto. apply has_times; auto. apply has_over; auto. lra.
Qed.
End Pair.

(** * Vectors of fixed length *)

Lemma vec_scale c x l f : has c x -> vec l f -> vec (map (times prec c) l) (fun k => x * f k).
Proof. intros C [L H]. split; [rewrite map_length; auto|]. apply inside_scale; auto. Qed.

Lemma vec_plus l m f g : vec l f -> vec m g -> vec (zip (plus prec) l m) (fun k => f k + g k).
Proof.
  intros [L H] [L' H']. split; [apply zip_size; auto|].
  apply (inside_zip _ l m f g Rplus); auto. intros; apply has_plus; auto.
Qed.

Lemma inside_repeat n : inside (repeat (int 0) n) (fun _ => 0).
Proof. induction n; simpl; auto. split; [apply has_int|auto]. Qed.

(** Sums of vectors with coefficients, over a list of rows; c_j and v_j are given by functions of j. *)
Definition sum_rows {T} (term : nat -> T -> interval * vector) (start : nat) (rows : list T) : vector :=
  fold_right (fun jt acc => let cv := term (fst jt) (snd jt) in zip (plus prec) (map (times prec (fst cv)) (snd cv)) acc)
    (repeat (int 0) d) (combine (seq start (length rows)) rows).

Lemma sum_rows_ok {T} (term : nat -> T -> interval * vector) (c : nat -> R) (f : nat -> nat -> R) (rows : list T) start :
  (forall j t, nth_error rows j = Some t -> has (fst (term (start + j)%nat t)) (c (start + j)%nat) /\ vec (snd (term (start + j)%nat t)) (f (start + j)%nat)) ->
  vec (sum_rows term start rows) (fun k => sum (length rows) (fun j => c (start + j)%nat * f (start + j)%nat k)).
Proof.
  revert start. induction rows as [|t rows IH]; intros start Hyp.
  - split; [apply repeat_length|]. apply inside_repeat.
  - destruct (Hyp O t eq_refl) as [C V]. rewrite Nat.add_0_r in C, V.
    assert (R : vec (sum_rows term (S start) rows) (fun k => sum (length rows) (fun j => c (S start + j)%nat * f (S start + j)%nat k))).
    { apply IH. intros j t' E. replace (S start + j)%nat with (start + S j)%nat by lia. apply Hyp. exact E. }
    destruct (vec_plus _ _ _ _ (vec_scale _ _ _ _ C V) R) as [L H]. split; [exact L|].
    eapply inside_ext; [|exact H]. intros k Hk. simpl length. rewrite sum_front, Nat.add_0_r. f_equal.
    apply sum_ext; intros j Hj. replace (start + S j)%nat with (S start + j)%nat by lia. reflexivity.
Qed.

Definition sum_scalars {T} (term : nat -> T -> interval) (start : nat) (rows : list T) : interval :=
  fold_right (fun jt acc => term (fst jt) (snd jt) [+] acc) (int 0) (combine (seq start (length rows)) rows).

Lemma sum_scalars_ok {T} (term : nat -> T -> interval) (c : nat -> R) (rows : list T) start :
  (forall j t, nth_error rows j = Some t -> has (term (start + j)%nat t) (c (start + j)%nat)) ->
  has (sum_scalars term start rows) (sum (length rows) (fun j => c (start + j)%nat)).
Proof.
  revert start. induction rows as [|t rows IH]; intros start Hyp; [apply has_int|].
  simpl length. rewrite sum_front. apply has_plus.
  - assert (A := Hyp O t eq_refl). rewrite Nat.add_0_r in A |- *. exact A.
  - rewrite (sum_ext _ _ (fun j => c (S start + j)%nat)) by (intros; f_equal; lia).
    apply IH. intros j t' E. replace (S start + j)%nat with (start + S j)%nat by lia. apply Hyp. exact E.
Qed.

(** The vector with c at place k and 0 elsewhere. *)
Definition unit_row (k : nat) (c : interval) : vector := map (fun l => if Nat.eqb k l then c else int 0) (seq 0 d).

Lemma unit_row_ok k c x : has c x -> vec (unit_row k c) (fun l => x * delta k l).
Proof.
  intros C. split; [unfold unit_row; rewrite map_length, seq_length; reflexivity|].
  assert (G : forall n start, inside (map (fun l => if Nat.eqb k l then c else int 0) (seq start n)) (fun l => x * delta k (start + l))).
  { induction n; intros start; simpl; auto. split.
    - rewrite Nat.add_0_r. unfold delta. destruct (Nat.eqb k start); [rewrite Rmult_1_r; exact C|rewrite Rmult_0_r; apply has_int].
    - apply (inside_ext _ (fun l => x * delta k (S start + l))); [intros; do 2 f_equal; lia|apply IHn]. }
  apply (G d O).
Qed.

(** * A student among all rows *)

Record other := { vector_of : vector; data : pair; side : vector }.

Variables (K M : nat) (V : matrix).

Definition other_of (u v : vector) : other := let p := pair_of u v in {| vector_of := v; data := p; side := across_of u v p |}.
Definition others (u : vector) (rows : list vector) : list other := map (other_of u) rows.

Definition zero : vector := repeat (int 0) d.
Definition signed (i j : nat) (c : interval) : interval := if Nat.ltb j K then c else I.neg c.
Definition masked (i : nat) (term : nat -> other -> interval * vector) (j : nat) (o : other) : interval * vector :=
  if Nat.eqb j i then (int 0, zero) else let cv := term j o in (signed i j (fst cv), snd cv).
Definition masked1 (i : nat) (term : nat -> other -> interval) (j : nat) (o : other) : interval :=
  if Nat.eqb j i then int 0 else signed i j (term j o).

Definition separate (i : nat) (os : list other) : bool :=
  forallb (fun jo => Nat.eqb (fst jo) i || positive (D (data (snd jo)))) (combine (seq 0 (length os)) os).

Definition ratio_of (o : other) : interval := s (data o) [/] P (data o).
Definition pull (i : nat) (os : list other) : interval := sum_scalars (masked1 i (fun _ o => ratio_of o)) 0 os.

Definition slope_of (i : nat) (u : vector) (os : list other) : vector :=
  zip (plus prec) (map (times prec (I.pi prec [+] pull i os)) u)
    (sum_rows (masked i (fun _ o => (turn_of (data o), vector_of o))) 0 os).

Definition value_of (i : nat) (u : vector) (os : list other) : interval :=
  ((I.pi prec [/] int 2) [*] dot u u) [+]
  sum_scalars (masked1 i (fun j o => let v := s (data o) [+] (r (data o) [*] turn_of (data o)) in
                                     if Nat.ltb j K then v [/] int 2 else v)) 0 os.

Definition diagonal_row (i k : nat) (u : vector) (os : list other) (c shift : interval) : vector :=
  let uk := nth k u I.nai in
  zip (plus prec) (unit_row k ((I.pi prec [+] c) [-] shift))
    (zip (plus prec) (map (times prec (I.neg ((c [/] dot u u) [*] uk))) u)
      (sum_rows (masked i (fun _ o => (nth k (side o) I.nai [/] s (data o), side o))) 0 os)).

Definition cross_row (k : nat) (u : vector) (o : other) (back : vector) (t w : interval) : vector :=
  zip (plus prec) (unit_row k t)
    (zip (plus prec) (map (times prec (nth k (side o) I.nai [/] s (data o))) back)
       (map (times prec (w [*] nth k u I.nai)) (vector_of o))).

(** Correctness for one student: [x] the unknowns, [rows] enclosing all rows. *)
Section Student.
Variables (x : nat -> R) (rows : list vector) (i : nat) (u : vector).
Hypothesis rows_length : length rows = (K + M)%nat.
Hypothesis rows_in : forall j v, nth_error rows j = Some v -> vec v (row K d V x j).
Hypothesis i_less : (i < K)%nat.
Hypothesis u_in : vec u (student d x i).
Notation os := (others u rows).
Hypothesis apart : separate i os = true.

Lemma others_length : length os = (K + M)%nat.
Proof. unfold others. rewrite map_length. exact rows_length. Qed.

Definition other_in (j : nat) (o : other) : Prop :=
  vec (vector_of o) (row K d V x j) /\ pair_in (data o) (student d x i) (row K d V x j) /\
  (j <> i -> positive (D (data o)) = true /\ vec (side o) (across d (student d x i) (row K d V x j))).

Lemma forallb_indexed {T} (f : nat * T -> bool) (l : list T) start j t :
  forallb f (combine (seq start (length l)) l) = true -> nth_error l j = Some t -> f ((start + j)%nat, t) = true.
Proof.
  revert start j. induction l as [|a l IH]; intros start j; [destruct j; discriminate|]. simpl.
  rewrite andb_true_iff. intros [A B]. destruct j as [|j]; simpl.
  - intros E. injection E as <-. rewrite Nat.add_0_r. exact A.
  - intros E. rewrite <- Nat.add_succ_comm. apply (IH (S start) j B E).
Qed.

Lemma others_in j o : nth_error os j = Some o -> other_in j o.
Proof.
  intros E. assert (Ap := forallb_indexed _ _ 0 j o apart E). simpl in Ap.
  unfold others in E. rewrite nth_error_map in E. destruct (nth_error rows j) as [v|] eqn:Ev; [|discriminate].
  injection E as <-. assert (Hv := rows_in j v Ev). simpl. split; [exact Hv|]. assert (Hp := pair_of_ok _ _ _ _ u_in Hv).
  split; [exact Hp|]. intros Ne. destruct (Nat.eqb_spec j i) as [|_]; [contradiction|]. simpl in Ap.
  split; [exact Ap|]. apply across_ok; auto.
Qed.

Lemma domain_in j : (j < K + M)%nat -> j <> i -> 0 < gram d (student d x i) (row K d V x j).
Proof.
  intros Hj Ne. destruct (nth_error os j) as [o|] eqn:E.
  - destruct (others_in j o E) as [_ [Hp Hd]]. apply (pair_facts _ _ _ Hp). apply Hd; auto.
  - apply nth_error_None in E. rewrite others_length in E. lia.
Qed.

Lemma signed_ok j c y : has c y -> has (signed i j c) (sign K j * y).
Proof.
  intros C. unfold signed, sign. destruct (Nat.ltb j K); [rewrite Rmult_1_l; exact C|].
  replace (-1 * y) with (- y) by ring. apply has_neg, C.
Qed.

Lemma masked_sum (term : nat -> other -> interval * vector) (c : nat -> R) (f : nat -> nat -> R) :
  (forall j o, other_in j o -> j <> i -> has (fst (term j o)) (c j) /\ vec (snd (term j o)) (f j)) ->
  vec (sum_rows (masked i term) 0 os) (fun k => sum (K + M) (fun j => weight K i j * (c j * f j k))).
Proof.
  intros T. rewrite <- others_length.
  assert (A : vec (sum_rows (masked i term) 0 os) (fun k => sum (length os) (fun j => (weight K i (0 + j)%nat * c (0 + j)%nat) * (if Nat.eqb (0 + j) i then fun _ => 0 else f (0 + j)%nat) k))).
  { apply (sum_rows_ok (masked i term) (fun j => weight K i j * c j) (fun j => if Nat.eqb j i then fun _ => 0 else f j)).
    intros j o E. simpl. unfold masked, weight. destruct (Nat.eqb_spec j i) as [Eq|Ne].
    - simpl. rewrite Rmult_0_l. split; [apply has_int|]. split; [apply repeat_length|apply inside_repeat].
    - destruct (T j o (others_in j o E) Ne) as [C V0]. simpl. split; [apply signed_ok; exact C|exact V0]. }
  destruct A as [L A]. split; [exact L|]. eapply inside_ext; [|exact A]. intros k Hk. apply sum_ext; intros j Hj. simpl.
  unfold weight. destruct (Nat.eqb j i); ring.
Qed.

Lemma masked_sum1 (term : nat -> other -> interval) (c : nat -> R) :
  (forall j o, other_in j o -> j <> i -> has (term j o) (c j)) ->
  has (sum_scalars (masked1 i term) 0 os) (sum (K + M) (fun j => weight K i j * c j)).
Proof.
  intros T. rewrite <- others_length. apply (sum_scalars_ok (masked1 i term) (fun j => weight K i j * c j)).
  intros j o E. simpl. unfold masked1, weight. destruct (Nat.eqb_spec j i) as [Eq|Ne].
  - rewrite Rmult_0_l. apply has_int.
  - apply signed_ok. apply T; [apply others_in; exact E|exact Ne].
Qed.

Notation U := (student d x i).
Notation X j := (row K d V x j).

Lemma facts j o : other_in j o -> j <> i -> 0 < inner d U U /\ 0 < inner d (X j) (X j) /\ 0 < area d U (X j).
Proof. intros [_ [Hp Hd]] Ne. destruct (pair_facts _ _ _ Hp) as [_ F0]; [apply Hd; auto|exact F0]. Qed.

Definition pull_value : R := sum (K + M) (fun j => weight K i j * (area d U (X j) / inner d U U)).

Lemma pull_ok : has (pull i os) pull_value.
Proof.
  apply (masked_sum1 (fun _ o => ratio_of o) (fun j => area d U (X j) / inner d U U)). intros j o I Ne.
  destruct (facts j o I Ne) as [HP _]. destruct I as [_ [[A [_ [_ [_ S]]]] _]]. apply has_over; auto. lra.
Qed.

Lemma slope_ok : vec (slope_of i u os) (slope K M d V x i).
Proof.
  assert (T : vec (sum_rows (masked i (fun _ o => (turn_of (data o), vector_of o))) 0 os)
                  (fun k => sum (K + M) (fun j => weight K i j * (turn d U (X j) * X j k)))).
  { apply (masked_sum _ (fun j => turn d U (X j)) (fun j => X j)). intros j o [Hv [Hp Hd]] Ne. simpl. split; [|exact Hv].
    apply turn_ok; [exact Hp|apply Hd; auto]. }
  destruct (vec_plus _ _ _ _ (vec_scale _ _ _ _ (has_plus prec _ _ _ _ (has_pi prec) pull_ok) u_in) T) as [L A].
  split; [exact L|]. eapply inside_ext; [|exact A]. intros k Hk. cbv beta. unfold slope, pull_value.
  rewrite Rmult_plus_distr_r, Rplus_assoc. f_equal. rewrite (Rmult_comm (sum _ _)), <- sum_scale, <- sum_plus.
  apply sum_ext; intros. unfold pair_slope. ring.
Qed.

Lemma value_ok : has (value_of i u os)
  (PI / 2 * inner d U U + sum (K + M) (fun j => weight K i j * share K j * pair_value d U (X j))).
Proof.
  apply has_plus.
  - apply has_times; [|apply dot_vec; auto]. apply has_over; [lra|apply has_pi|apply (has_int prec 2)].
  - rewrite (sum_ext _ _ (fun j => weight K i j * (share K j * pair_value d U (X j)))) by (intros; ring).
    apply (masked_sum1 _ (fun j => share K j * pair_value d U (X j))). intros j o [Hv [Hp Hd]] Ne. cbv zeta.
    assert (T := turn_ok _ _ _ Hp (proj1 (Hd Ne))). destruct Hp as [_ [_ [Hr [_ Hs]]]].
    assert (Pv : has (s (data o) [+] (r (data o) [*] turn_of (data o))) (pair_value d U (X j))).
    { apply has_plus; auto. apply has_times; auto. }
    unfold share. destruct (Nat.ltb j K).
    + replace (1 / 2 * pair_value d U (X j)) with (pair_value d U (X j) / 2) by field.
      apply has_over; [lra|exact Pv|apply (has_int prec 2)].
    + rewrite Rmult_1_l. exact Pv.
Qed.

Lemma has_nth l f k : vec l f -> (k < d)%nat -> has (nth k l I.nai) (f k).
Proof.
  intros [L A] Hk. rewrite <- L in Hk. clear L. revert f k A Hk.
  induction l as [|a l IH]; simpl; intros f k A Hk; [lia|]. destruct A as [A B]. destruct k; [exact A|].
  apply (IH (fun k => f (S k))); auto. lia.
Qed.

Lemma diagonal_ok k c shift e : (k < d)%nat -> has c pull_value -> has shift e ->
  (exists j, (j < K + M)%nat /\ j <> i) ->
  vec (diagonal_row i k u os c shift) (fun l => diagonal_block K M d V x i k l - e * delta k l).
Proof.
  intros Hk C S [j0 [Hj0 Ne0]].
  assert (HP : 0 < inner d U U) by (apply (gram_positive d U (X j0)), domain_in; auto).
  assert (T : vec (sum_rows (masked i (fun _ o => (nth k (side o) I.nai [/] s (data o), side o))) 0 os)
                  (fun l => sum (K + M) (fun j => weight K i j * (across d U (X j) k / area d U (X j) * across d U (X j) l)))).
  { apply (masked_sum _ (fun j => across d U (X j) k / area d U (X j)) (fun j => across d U (X j))). intros j o I Ne.
    destruct (facts j o I Ne) as [_ [_ As]]. destruct I as [_ [[_ [_ [_ [_ Hs]]]] Hd]]. destruct (Hd Ne) as [_ Hd']. simpl.
    split; [|exact Hd']. apply has_over; [lra|apply has_nth; auto|exact Hs]. }
  assert (Z : has (I.neg ((c [/] dot u u) [*] nth k u I.nai)) (- (pull_value / inner d U U * U k))).
  { apply has_neg, has_times; [apply has_over; [lra|exact C|apply dot_vec; auto]|apply has_nth; auto]. }
  destruct (vec_plus _ _ _ _ (unit_row_ok k _ _ (has_minus prec _ _ _ _ (has_plus prec _ _ _ _ (has_pi prec) C) S))
     (vec_plus _ _ _ _ (vec_scale _ _ _ _ Z u_in) T)) as [L A].
  split; [exact L|]. eapply inside_ext; [|exact A]. intros l Hl. cbv beta. unfold diagonal_block, same_block, pull_value.
  set (Q := inner d U U) in *.
  rewrite (sum_ext (K + M) (fun j => weight K i j * (_ + _)) (fun j => weight K i j * (across d U (X j) k / area d U (X j) * across d U (X j) l)
     + (delta k l - U k * U l / Q) * (weight K i j * (area d U (X j) / Q)))) by (intros; unfold Rdiv; ring).
  rewrite sum_plus, sum_scale. unfold Rdiv. ring.
Qed.

Lemma cross_ok j o k : nth_error os j = Some o -> j <> i -> (k < d)%nat -> (j < K)%nat ->
  vec (cross_row k u o (across_of (vector_of o) u (flip (data o))) (turn_of (data o)) (s (data o) [/] (P (data o) [*] Q (data o))))
    (fun l => cross_block d U (student d x j) k l).
Proof.
  intros E Ne Hk Hj. assert (I := others_in j o E). destruct (facts j o I Ne) as [HP [HQ Hs0]]. destruct I as [Hv [Hp Hd]].
  destruct (Hd Ne) as [Hpos Hside]. assert (T := turn_ok _ _ _ Hp Hpos).
  assert (Bk := across_ok _ _ _ _ _ Hv u_in (flip_ok _ _ _ Hp) Hpos).
  replace (X j) with (student d x j) in * by (unfold row; rewrite (proj2 (Nat.ltb_lt j K) Hj); reflexivity).
  destruct Hp as [P0 [Q0 [_ [_ S0]]]].
  assert (C1 : has (nth k (side o) I.nai [/] s (data o)) (across d U (student d x j) k / area d U (student d x j))).
  { apply has_over; [lra|apply has_nth; auto|exact S0]. }
  assert (C2 : has ((s (data o) [/] (P (data o) [*] Q (data o))) [*] nth k u I.nai) (area d U (student d x j) / (inner d U U * inner d (student d x j) (student d x j)) * U k)).
  { apply has_times; [|apply has_nth; auto]. apply has_over; [|exact S0|apply has_times; auto]. apply Rgt_not_eq, Rmult_lt_0_compat; auto. }
  destruct (vec_plus _ _ _ _ (unit_row_ok k _ _ T) (vec_plus _ _ _ _ (vec_scale _ _ _ _ C1 Bk) (vec_scale _ _ _ _ C2 Hv))) as [L A].
  split; [exact L|]. eapply inside_ext; [|exact A]. intros l Hl. cbv beta. unfold cross_block, Rdiv. ring.
Qed.
End Student.

(** * Indexed lists *)

Lemma insides_app {T} (A : T -> nat -> Prop) l l' n : insides A l n -> insides A l' (n + length l)%nat -> insides A (l ++ l') n.
Proof.
  revert n. induction l as [|a l IH]; intros n; simpl; [rewrite Nat.add_0_r; auto|]. intros [H H'] H''. split; [exact H|].
  apply IH; [exact H'|]. rewrite Nat.add_succ_comm. exact H''.
Qed.

Lemma insides_zip {T T' T''} (A : T -> nat -> Prop) (B : T' -> nat -> Prop) (C : T'' -> nat -> Prop) h a b n :
  (forall x y k, A x k -> B y k -> C (h x y) k) -> insides A a n -> insides B b n -> insides C (zip h a b) n.
Proof.
  intros Hh. revert b n. induction a as [|x a IH]; intros [|y b] n; simpl; auto. intros [HA HA'] [HB HB']. auto.
Qed.

Lemma insides_bound {T} (A : T -> nat -> Prop) l n : insides A l n -> insides (fun x k => A x k /\ (k < n + length l)%nat) l n.
Proof.
  assert (G : forall l n top, (n + length l <= top)%nat -> insides A l n -> insides (fun x k => A x k /\ (k < top)%nat) l n).
  { clear. induction l as [|a l IH]; intros n top; simpl; auto. intros Le [H H']. split; [split; [exact H|lia]|]. apply IH; [lia|exact H']. }
  intros H. apply G; auto.
Qed.

Lemma insides_seq {T} (A : T -> nat -> Prop) (h : nat -> T) o start n :
  (forall k, (start <= k < start + n)%nat -> A (h k) (o + k)%nat) -> insides A (map h (seq start n)) (o + start)%nat.
Proof.
  revert start. induction n; intros start H; simpl; auto. split; [apply H; lia|].
  rewrite <- Nat.add_succ_r. apply IHn. intros; apply H; lia.
Qed.

Lemma insides_flat {T} (A : T -> nat -> Prop) (h : nat -> list T) start n :
  (forall i, (start <= i < start + n)%nat -> length (h i) = d /\ insides A (h i) (i * d)%nat) ->
  insides A (flat_map h (seq start n)) (start * d)%nat.
Proof.
  revert start. induction n; intros start H; simpl; auto. destruct (H start ltac:(lia)) as [L H0].
  apply insides_app; [exact H0|]. rewrite L. replace (start * d + d)%nat with (S start * d)%nat by lia.
  apply IHn. intros; apply H; lia.
Qed.

Lemma flat_length {T} (h : nat -> list T) start n :
  (forall i, (start <= i < start + n)%nat -> length (h i) = d) -> length (flat_map h (seq start n)) = (n * d)%nat.
Proof.
  revert start. induction n; intros start H; simpl; auto. rewrite app_length, (H start) by lia. rewrite IHn; [reflexivity|].
  intros; apply H; lia.
Qed.

(** Vectors of length d one after the other. *)
Lemma inside_flat {T} (g : T -> vector) (l : list T) (f : nat -> R) start :
  (forall j t, nth_error l j = Some t -> vec (g t) (fun k => f ((start + j) * d + k)%nat)) ->
  length (flat_map g l) = (length l * d)%nat /\ inside (flat_map g l) (fun k => f (start * d + k)%nat).
Proof.
  revert start. induction l as [|t l IH]; intros start H; [simpl; auto|]. destruct (H O t eq_refl) as [L H0].
  destruct (IH (S start)) as [L' H'].
  { intros j t' E. replace (S start + j)%nat with (start + S j)%nat by lia. apply H. exact E. }
  simpl flat_map. split; [rewrite app_length, L, L'; simpl; lia|]. rewrite Nat.add_0_r in H0. apply inside_app; [exact H0|].
  rewrite L. eapply inside_ext; [|exact H']. intros k Hk. cbv beta. f_equal. rewrite Nat.mul_succ_l. lia.
Qed.

Definition total (rows : list vector) : interval := fold_right (fun v acc => squares prec v [+] acc) (int 0) rows.

Lemma total_ok rows (c : nat -> R) start : insides (fun v n => has (squares prec v) (c n)) rows start ->
  has (total rows) (sum (length rows) (fun j => c (start + j)%nat)).
Proof.
  revert start. induction rows as [|v rows IH]; intros start; [intros _; apply has_int|]. intros [H H'].
  simpl length. rewrite sum_front, Nat.add_0_r. apply has_plus; [exact H|].
  rewrite (sum_ext _ _ (fun j => c (S start + j)%nat)) by (intros; f_equal; lia). apply IH. exact H'.
Qed.

(** * The Hessian, lower triangle *)

Definition at_ (rows : list vector) (i : nat) : vector := nth i rows nil.

Definition student_rows (rows : list vector) (shift : interval) (i : nat) : list vector :=
  let u := at_ rows i in let os := others u rows in let c := pull i os in
  let crosses := map (fun o => (o, across_of (vector_of o) u (flip (data o)), turn_of (data o), s (data o) [/] (P (data o) [*] Q (data o)))) (firstn i os) in
  map (fun k => flat_map (fun x => let '(o, back, t, w) := x in cross_row k u o back t w) crosses
                ++ firstn (S k) (diagonal_row i k u os c shift)) (seq 0 d).

Definition hessian_rows (rows : list vector) (shift : interval) : list vector := flat_map (student_rows rows shift) (seq 0 K).

Definition all_separate (rows : list vector) : bool :=
  forallb (fun i => separate i (others (at_ rows i) rows)) (seq 0 K).

Section All.
Variables (x : nat -> R) (rows : list vector).
Hypothesis rows_length : length rows = (K + M)%nat.
Hypothesis rows_in : forall j v, nth_error rows j = Some v -> vec v (row K d V x j).
Hypothesis apart : all_separate rows = true.

Lemma apart_one i : (i < K)%nat -> separate i (others (at_ rows i) rows) = true.
Proof. intros Hi. unfold all_separate in apart. rewrite forallb_forall in apart. apply apart, in_seq. lia. Qed.

Lemma at_in i : (i < K)%nat -> vec (at_ rows i) (student d x i).
Proof.
  intros Hi. destruct (nth_error rows i) as [v|] eqn:E; [|apply nth_error_None in E; lia].
  unfold at_. rewrite (nth_error_nth rows i nil E). generalize (rows_in i v E). unfold row.
  rewrite (proj2 (Nat.ltb_lt i K) Hi). auto.
Qed.

Lemma all_domain : domain K M d V x.
Proof. intros i j Hi Hj Ne. apply (domain_in x rows i _ rows_length rows_in Hi (at_in i Hi) (apart_one i Hi) j Hj Ne). Qed.

Definition gradient_list : vector := flat_map (fun i => slope_of i (at_ rows i) (others (at_ rows i) rows)) (seq 0 K).

Lemma nth_seq j i : nth_error (seq 0 K) j = Some i -> i = j /\ (j < K)%nat.
Proof.
  intros E. assert (j < K)%nat by (rewrite <- (seq_length K 0); apply nth_error_Some; rewrite E; discriminate).
  apply (nth_error_nth _ _ O) in E. rewrite seq_nth in E by auto. split; [simpl in E; lia|auto].
Qed.

Lemma gradient_ok : has (squares prec gradient_list) (sqnorm (K * d) (gradient K M d V x)).
Proof.
  destruct (inside_flat (fun i => slope_of i (at_ rows i) (others (at_ rows i) rows)) (seq 0 K) (gradient K M d V x) 0) as [L H].
  - intros j i E. destruct (nth_seq j i E) as [-> Hj]. simpl.
    destruct (slope_ok x rows j _ rows_length rows_in (at_in j Hj) (apart_one j Hj)) as [L H]. split; [exact L|].
    eapply inside_ext; [|exact H]. intros k Hk. rewrite gradient_flat; [reflexivity|].
    change (length (slope_of j (at_ rows j) (others (at_ rows j) rows)) = d) in L. rewrite <- L. exact Hk.
  - rewrite seq_length in L. apply squares_inside; [exact L|exact H].
Qed.

Definition energy_sum : interval := sum_scalars (fun i _ => value_of i (at_ rows i) (others (at_ rows i) rows)) 0 (seq 0 K).

Lemma energy_sum_ok : has energy_sum (sum K (fun i => PI / 2 * inner d (student d x i) (student d x i)
                  + sum (K + M) (fun j => weight K i j * share K j * pair_value d (student d x i) (row K d V x j)))).
Proof.
  generalize (sum_scalars_ok (fun i (_ : nat) => value_of i (at_ rows i) (others (at_ rows i) rows))
    (fun i => PI / 2 * inner d (student d x i) (student d x i)
                  + sum (K + M) (fun j => weight K i j * share K j * pair_value d (student d x i) (row K d V x j))) (seq 0 K) 0).
  rewrite seq_length. intros H. apply H. intros j t E. destruct (nth_seq j t E) as [_ Hj].
  apply (value_ok x rows j _ rows_length rows_in (at_in j Hj) (apart_one j Hj)).
Qed.

Variables (shift : interval) (e : R).
Hypothesis shift_in : has shift e.
Hypothesis some_teacher : (1 <= M)%nat.

Definition lower_row (v : vector) (n : nat) : Prop :=
  length v = S n /\ inside v (fun m => hessian K M d V x n m - e * delta n m).

Lemma student_rows_ok i : (i < K)%nat -> length (student_rows rows shift i) = d /\ insides lower_row (student_rows rows shift i) (i * d)%nat.
Proof.
  intros Hi. split; [unfold student_rows; rewrite map_length, seq_length; reflexivity|].
  replace (i * d)%nat with (i * d + 0)%nat by lia. unfold student_rows. apply insides_seq. intros k Hk.
  set (u := at_ rows i). set (os := others u rows).
  assert (Lo : length os = (K + M)%nat) by (apply others_length; exact rows_length).
  set (crosses := map _ (firstn i os)).
  assert (Lc : length crosses = i) by (unfold crosses; rewrite map_length, firstn_length, Lo; lia).
  destruct (inside_flat (fun x => let '(o, back, t, w) := x in cross_row k u o back t w) crosses
     (fun m => hessian K M d V x (i * d + k)%nat m - e * delta (i * d + k) m) 0) as [L H].
  - intros j [[[o back] t] w] E. simpl.
    assert (Hj : (j < i)%nat).
    { rewrite <- Lc. apply nth_error_Some. intros C. assert (A := eq_trans (eq_sym E) C). discriminate A. }
    unfold crosses in E. rewrite nth_error_map in E.
    destruct (nth_error (firstn i os) j) as [o'|] eqn:E'; [|discriminate]. injection E as <- <- <- <-.
    assert (E'' : nth_error os j = Some o').
    { rewrite <- (firstn_skipn i os). rewrite nth_error_app1; [exact E'|]. rewrite firstn_length, Lo. lia. }
    destruct (cross_ok x rows i u rows_length rows_in Hi (at_in i Hi) (apart_one i Hi) j o' k E'' ltac:(lia) ltac:(lia) ltac:(lia)) as [L H].
    split; [exact L|]. eapply inside_ext; [|exact H]. intros l Hl.
    assert (Hl' : (l < d)%nat) by (rewrite <- L; exact Hl).
    rewrite hessian_flat by lia. unfold block, delta. destruct (Nat.eqb_spec i j); [lia|].
    destruct (Nat.eqb_spec (i * d + k) (j * d + l)) as [A|A]; [exfalso; nia|]. ring.
  - apply (fun A => eq_trans A (f_equal (fun q => (q * d)%nat) Lc)) in L. cbv beta in L.
    assert (Dg : vec (diagonal_row i k u os (pull i os) shift) (fun l => diagonal_block K M d V x i k l - e * delta k l)).
    { apply (diagonal_ok x rows i u); auto.
      - apply at_in; auto.
      - apply apart_one; auto.
      - lia.
      - apply (pull_ok x rows i u); auto; [apply at_in|apply apart_one]; auto.
      - exists K. lia. }
    destruct Dg as [Ld Hd]. split.
    + rewrite app_length, L, firstn_length. rewrite Ld. lia.
    + apply inside_app; [exact H|]. rewrite L. apply inside_firstn. eapply inside_ext; [|exact Hd]. intros l Hl.
      assert (Hl' : (l < d)%nat) by (rewrite <- Ld; exact Hl).
      rewrite hessian_flat by lia. unfold block. rewrite Nat.eqb_refl. f_equal. f_equal. unfold delta.
      destruct (Nat.eqb_spec k l), (Nat.eqb_spec (i * d + k) (i * d + l)); auto; lia.
Qed.

Lemma hessian_rows_ok : insides lower_row (hessian_rows rows shift) 0 /\ length (hessian_rows rows shift) = (K * d)%nat.
Proof.
  split.
  - apply (insides_flat lower_row (student_rows rows shift) 0 K). intros i Hi. apply student_rows_ok. lia.
  - apply flat_length. intros i Hi. apply student_rows_ok. lia.
Qed.
End All.

(** * The factor *)

Variables (lden : BinNums.positive) (Lz : list (list Z)).
Definition factor : list vector := map (map (fun z => rational prec (z # lden))) Lz.
Definition short : bool := Nat.eqb (length Lz) (K * d) && forallb (fun l => Nat.leb (length l) (K * d)) Lz.
Notation L := (entry lden Lz).

Definition factor_row (v : vector) (n : nat) : Prop := covers v (L n) /\ (length v <= K * d)%nat.

Lemma factor_ok : short = true -> insides factor_row factor 0.
Proof.
  unfold short. rewrite andb_true_iff. intros [_ Sh]. unfold factor.
  assert (G : forall l start, (forall j, nth j l nil = nth (start + j) Lz nil) -> forallb (fun l => Nat.leb (length l) (K * d)) l = true ->
     insides factor_row (map (map (fun z => rational prec (z # lden))) l) start).
  { induction l as [|v l IH]; intros start E B; simpl; auto. simpl in B. apply andb_prop in B as [B B']. split.
    - split; [|rewrite map_length; apply Nat.leb_le; exact B].
      assert (E0 := E O). simpl in E0. rewrite Nat.add_0_r in E0. unfold entry. rewrite <- E0. apply covers_ints.
    - apply IH; [|exact B']. intros j. rewrite Nat.add_succ_comm. apply (E (S j)). }
  apply G; auto.
Qed.

Definition residual_rows (hess : list vector) : list vector :=
  zip (fun h l => zip (fun a l' => a [-] dot l l') h factor) hess factor.

Lemma residual_row h l n f : inside h f -> covers l (L n) -> (length l <= K * d)%nat -> short = true ->
  inside (zip (fun a l' => a [-] dot l l') h factor) (fun m => f m - sum (K * d) (fun q => L n q * L m q)).
Proof.
  intros Hh Hl Len Sh.
  assert (G : forall h' F0 o, inside h' (fun m => f (o + m)%nat) -> insides factor_row F0 o ->
     inside (zip (fun a l' => a [-] dot l l') h' F0) (fun m => f (o + m)%nat - sum (K * d) (fun q => L n q * L (o + m)%nat q))).
  { induction h' as [|a h' IH]; intros [|l' F0] o; try (intros; exact Logic.I). simpl. intros [A A'] [[B B0] B']. split.
    - rewrite Nat.add_0_r in A |- *. apply has_minus; [exact A|].
      exact (dot_covers prec (K * d) l l' (L n) (L o) Len Hl B).
    - assert (A2 : inside h' (fun m => f (S o + m)%nat)).
      { apply (inside_ext h' (fun m => f (o + S m)%nat)); [|exact A']. intros m Hm. rewrite <- Nat.add_succ_comm. reflexivity. }
      eapply inside_ext; [|exact (IH F0 (S o) A2 B')]. intros m Hm. cbv beta.
      replace (S o + m)%nat with (o + S m)%nat by lia. reflexivity. }
  apply (G h factor O Hh (factor_ok Sh)).
Qed.
End Test.
End Check.
