(** The certified minimum has every symmetry that its centre has ([symmetric_minimum]).

    A symmetry exchanges two students, two coordinates and two teachers.  Where that leaves the teachers and the centre
    as they are, it maps the box onto itself and stationary points to stationary points; the box has only one.
    [symmetric] is the form that certificate files use: a list of symmetries, tested on the integers of the file. *)

From Coq Require Import Reals Lra Lia List ZArith QArith Qreals Bool.
From Coquelicot Require Import Coquelicot.
From Certify Require Import Sums Contraction Convexity Kernel Statement Landscape Conclusion Check.
Import ListNotations.
Open Scope R_scope.

Definition exchange (a b i : nat) : nat := if Nat.eqb i a then b else if Nat.eqb i b then a else i.

(** The matrix with students a, b and coordinates p, q exchanged. *)
Definition exchanged (a b p q : nat) (W : matrix) : matrix := fun i k => W (exchange a b i) (exchange p q k).

Lemma exchange_twice a b i : exchange a b (exchange a b i) = i.
Proof.
  unfold exchange. destruct (Nat.eqb_spec i a) as [->|A].
  - destruct (Nat.eqb_spec b a) as [->|B]; [reflexivity|]. rewrite Nat.eqb_refl. reflexivity.
  - destruct (Nat.eqb_spec i b) as [->|B]; [rewrite Nat.eqb_refl; reflexivity|].
    destruct (Nat.eqb_spec i a); [contradiction|]. destruct (Nat.eqb_spec i b); [contradiction|reflexivity].
Qed.

Lemma exchange_less n a b i : (a < n)%nat -> (b < n)%nat -> (i < n)%nat -> (exchange a b i < n)%nat.
Proof. intros. unfold exchange. destruct (Nat.eqb i a); auto. destruct (Nat.eqb i b); auto. Qed.

Lemma sum_exchange n a b f : (a < n)%nat -> (b < n)%nat -> sum n (fun i => f (exchange a b i)) = sum n f.
Proof.
  intros A B. destruct (Nat.eq_dec a b) as [->|N].
  { apply sum_ext; intros i _. unfold exchange. destruct (Nat.eqb_spec i b) as [->|]; reflexivity. }
  rewrite (sum_ext n _ (fun i => f i + (delta a i * (f b - f a) + delta b i * (f a - f b)))).
  - rewrite !sum_plus, (sum_delta n a (fun _ => f b - f a)), (sum_delta n b (fun _ => f a - f b)) by auto. ring.
  - intros i _. unfold exchange, delta. rewrite (Nat.eqb_sym a i), (Nat.eqb_sym b i).
    destruct (Nat.eqb_spec i a) as [->|]; [destruct (Nat.eqb_spec a b); [contradiction|ring]|].
    destruct (Nat.eqb_spec i b) as [->|]; ring.
Qed.

Section Symmetry.
Variables (K M d : nat) (V : matrix) (a b p q m n : nat).
Hypothesis students : (a < K)%nat /\ (b < K)%nat.
Hypothesis coordinates : (p < d)%nat /\ (q < d)%nat.
Hypothesis teachers : (m < M)%nat /\ (n < M)%nat.
Hypothesis teachers_stay : forall j k, (j < M)%nat -> (k < d)%nat -> exchanged m n p q V j k = V j k.
Notation moved := (exchanged a b p q).

Lemma moved_twice W i k : moved (moved W) i k = W i k.
Proof. unfold exchanged. rewrite !exchange_twice. reflexivity. Qed.

Lemma g_exchange u v : g d (fun k => u (exchange p q k)) (fun k => v (exchange p q k)) = g d u v.
Proof.
  assert (E : forall u v, inner d (fun k => u (exchange p q k)) (fun k => v (exchange p q k)) = inner d u v).
  { intros. apply (sum_exchange d p q (fun k => u0 k * v0 k)); tauto. }
  unfold g, angle, magnitude. rewrite !E. reflexivity.
Qed.

Theorem loss_invariant W : Loss K M d V (moved W) = Loss K M d V W.
Proof.
  unfold Loss. f_equal. f_equal.
  - f_equal. transitivity (sum K (fun i => sum K (fun j => g d (W (exchange a b i)) (W (exchange a b j))))).
    { apply sum_ext; intros i _. apply sum_ext; intros j _. apply (g_exchange (W (exchange a b i)) (W (exchange a b j))). }
    rewrite (sum_exchange K a b (fun i => sum K (fun j => g d (W i) (W (exchange a b j))))) by tauto.
    apply sum_ext; intros i _. apply (sum_exchange K a b (fun j => g d (W i) (W j))); tauto.
  - transitivity (sum K (fun i => sum M (fun j => g d (W (exchange a b i)) (V (exchange m n j))))).
    { apply sum_ext; intros i _. apply sum_ext; intros j Hj.
      rewrite (g_ext d (moved W i) (moved W i) (V j) (fun k => V (exchange m n j) (exchange p q k))).
      - apply (g_exchange (W (exchange a b i)) (V (exchange m n j))).
      - reflexivity.
      - intros k Hk. symmetry. apply teachers_stay; auto. }
    rewrite (sum_exchange K a b (fun i => sum M (fun j => g d (W i) (V (exchange m n j))))) by tauto.
    apply sum_ext; intros i _. apply (sum_exchange M m n (fun j => g d (W i) (V j))); tauto.
Qed.

Lemma stationary_moved W : stationary K M d V W -> stationary K M d V (moved W).
Proof.
  intros S Z. apply (derive_ext (fun t => Loss K M d V (fun i k => W i k + t * moved Z i k))); [|apply S].
  intros t. rewrite <- (loss_invariant (fun i k => W i k + t * moved Z i k)). apply Loss_ext. intros i k _ _.
  change (moved W i k + t * moved (moved Z) i k = moved W i k + t * Z i k). rewrite moved_twice. reflexivity.
Qed.

Lemma entry_le W W0 i k : (i < K)%nat -> (k < d)%nat -> (W i k - W0 i k) * (W i k - W0 i k) <= sqdist K d W W0.
Proof.
  intros Hi Hk. set (square := fun j l => (W j l - W0 j l) * (W j l - W0 j l)).
  assert (P : forall j l, 0 <= square j l) by (intros; apply Rle_0_sqr).
  eapply Rle_trans; [apply (sum_term d (square i) k)|apply (sum_term K (fun j => sum d (square j)) i)]; auto.
  intros. apply sum_nonneg. auto.
Qed.

Theorem symmetric_minimum W0 r rho mu lower upper W : 0 <= rho <= r ->
  (forall i k, (i < K)%nat -> (k < d)%nat -> moved W0 i k = W0 i k) ->
  certified K M d V W0 r rho mu lower upper W ->
  forall i k, (i < K)%nat -> (k < d)%nat -> moved W i k = W i k.
Proof.
  intros Hr Fix C. assert (Box : in_box K d W0 r (moved W)).
  { intros i k Hi Hk. rewrite <- (Fix i k Hi Hk). unfold exchanged.
    set (i' := exchange a b i). set (k' := exchange p q k).
    assert (Hi' : (i' < K)%nat) by (apply exchange_less; tauto). assert (Hk' : (k' < d)%nat) by (apply exchange_less; tauto).
    assert (E := entry_le W W0 i' k' Hi' Hk'). assert (N := near _ _ _ _ _ _ _ _ _ _ _ C).
    apply abs_le_of_sq; [lra|]. assert (rho * rho <= r * r) by (apply Rmult_le_compat; lra). lra. }
  assert (Z := only_one _ _ _ _ _ _ _ _ _ _ _ C _ Box (stationary_moved W (critical _ _ _ _ _ _ _ _ _ _ _ C))).
  intros i k Hi Hk. assert (E := entry_le (moved W) W i k Hi Hk). rewrite Z in E.
  assert (D : moved W i k - W i k = 0) by nra. lra.
Qed.
End Symmetry.

(** * Lists of symmetries *)

(** Exchange these two students, these two coordinates, these two teachers. *)
Record symmetry := Exchange { students_of : nat * nat; coordinates_of : nat * nat; teachers_of : nat * nat }.

Definition has_symmetry (K d : nat) (W : matrix) (s : symmetry) : Prop :=
  forall i k, (i < K)%nat -> (k < d)%nat ->
    exchanged (fst (students_of s)) (snd (students_of s)) (fst (coordinates_of s)) (snd (coordinates_of s)) W i k = W i k.

Definition both_less (n : nat) (p : nat * nat) : bool := Nat.ltb (fst p) n && Nat.ltb (snd p) n.

(** Exchanging rows and columns leaves the integers as they are. *)
Definition stays (n d : nat) (rows : list (list Z)) (two_rows two_columns : nat * nat) : bool :=
  forallb (fun i => forallb (fun k =>
      Z.eqb (nth (exchange (fst two_columns) (snd two_columns) k) (nth (exchange (fst two_rows) (snd two_rows) i) rows nil) 0%Z)
            (nth k (nth i rows nil) 0%Z)) (seq 0 d)) (seq 0 n).

Definition is_symmetry (K M d : nat) (Vz Wz : list (list Z)) (s : symmetry) : bool :=
  both_less K (students_of s) && both_less d (coordinates_of s) && both_less M (teachers_of s)
  && stays M d Vz (teachers_of s) (coordinates_of s) && stays K d Wz (students_of s) (coordinates_of s).

Lemma both_less_true n p : both_less n p = true -> (fst p < n)%nat /\ (snd p < n)%nat.
Proof. unfold both_less. rewrite andb_true_iff, !Nat.ltb_lt. auto. Qed.

Lemma stays_true den n d rows r c : stays n d rows r c = true -> forall i k, (i < n)%nat -> (k < d)%nat ->
  exchanged (fst r) (snd r) (fst c) (snd c) (entry den rows) i k = entry den rows i k.
Proof.
  unfold stays. intros S i k Hi Hk. rewrite forallb_forall in S. specialize (S i). rewrite in_seq, forallb_forall in S.
  specialize (S ltac:(lia) k). rewrite in_seq in S. specialize (S ltac:(lia)). apply Z.eqb_eq in S.
  unfold exchanged, entry. rewrite S. reflexivity.
Qed.

Theorem symmetric K M d vden wden Vz Wz r rho mu lower upper (symmetries : list symmetry) :
  Qle_bool 0 rho && Qle_bool rho r && forallb (is_symmetry K M d Vz Wz) symmetries = true ->
  (exists W, certified K M d (entry vden Vz) (entry wden Wz) (Q2R r) (Q2R rho) mu lower upper W) ->
  exists W, certified K M d (entry vden Vz) (entry wden Wz) (Q2R r) (Q2R rho) mu lower upper W /\
    forall s, In s symmetries -> has_symmetry K d W s.
Proof.
  rewrite !andb_true_iff, forallb_forall. intros [[R0 R1] S] [W C]. exists W. split; [exact C|].
  apply Qle_bool_imp_le, Qle_Rle in R0. apply Qle_bool_imp_le, Qle_Rle in R1. rewrite RMicromega.Q2R_0 in R0.
  intros s Hs. specialize (S s Hs). unfold is_symmetry in S. rewrite !andb_true_iff in S.
  destruct S as [[[[A B] T] SV] SW]. intros i k Hi Hk.
  apply (symmetric_minimum K M d (entry vden Vz) _ _ _ _ (fst (teachers_of s)) (snd (teachers_of s))
    (both_less_true _ _ A) (both_less_true _ _ B) (both_less_true _ _ T) (stays_true vden _ _ _ _ _ SV)
    (entry wden Wz) (Q2R r) (Q2R rho) mu lower upper W); [lra|apply (stays_true wden); exact SW|exact C|exact Hi|exact Hk].
Qed.
