(** The loss as a function of the flat vector x of its K d unknowns, x (i d + k) = W i k, and its derivatives.

    [energy] is 2 pi times the loss where no student is zero or parallel to another row ([domain]); [gradient] and
    [hessian] are its derivatives along lines ([energy_smooth]), and [energy_loss] ties it to [Statement.Loss]. *)

From Coq Require Import Reals Lra Lia Psatz FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Certify Require Import Sums Contraction Convexity Kernel Statement.
Open Scope R_scope.

Section Landscape.
Variables (K M d : nat) (V : matrix).
Notation N := (K * d)%nat.

(** Rows: students, then teachers, with signs. *)
Definition student (x : nat -> R) (i : nat) : nat -> R := fun k => x (i * d + k)%nat.
Definition row (x : nat -> R) (j : nat) : nat -> R := if Nat.ltb j K then student x j else V (j - K)%nat.
Definition sign (j : nat) : R := if Nat.ltb j K then 1 else -1.
(** the factor of the pair i, j: nothing for a row with itself *)
Definition weight (i j : nat) : R := if Nat.eqb j i then 0 else sign j.
(** pairs of students occur twice in the double sum below *)
Definition share (j : nat) : R := if Nat.ltb j K then 1 / 2 else 1.

Definition domain (x : nat -> R) : Prop :=
  forall i j, (i < K)%nat -> (j < K + M)%nat -> j <> i -> 0 < gram d (student x i) (row x j).

Definition teacher_energy : R := PI * sum M (fun m => sum M (fun n => g d (V m) (V n))).

Definition energy (x : nat -> R) : R :=
  sum K (fun i => PI / 2 * inner d (student x i) (student x i)
                  + sum (K + M) (fun j => weight i j * share j * pair_value d (student x i) (row x j)))
  + teacher_energy.

Definition slope (x : nat -> R) (i k : nat) : R :=
  PI * student x i k + sum (K + M) (fun j => weight i j * pair_slope d (student x i) (row x j) k).

Definition diagonal_block (x : nat -> R) (i k l : nat) : R :=
  PI * delta k l + sum (K + M) (fun j => weight i j * same_block d (student x i) (row x j) k l).

Definition block (x : nat -> R) (i j k l : nat) : R :=
  if Nat.eqb i j then diagonal_block x i k l else cross_block d (student x i) (student x j) k l.

Definition gradient (x : nat -> R) (n : nat) : R := slope x (n / d)%nat (n mod d)%nat.
Definition hessian (x : nat -> R) (n m : nat) : R := block x (n / d)%nat (m / d)%nat (n mod d)%nat (m mod d)%nat.

(** * Flat indices *)

Lemma flat_div i k : (k < d)%nat -> ((i * d + k) / d = i)%nat.
Proof. intros. rewrite Nat.div_add_l, Nat.div_small by lia. lia. Qed.

Lemma flat_mod i k : (k < d)%nat -> ((i * d + k) mod d = k)%nat.
Proof. intros. rewrite Nat.add_comm, Nat.mod_add, Nat.mod_small by lia. reflexivity. Qed.

Lemma flat_split n : (n < N)%nat -> (n / d < K)%nat /\ (n mod d < d)%nat /\ n = (n / d * d + n mod d)%nat.
Proof.
  intros H. assert (d <> 0)%nat by lia. repeat split.
  - apply Nat.div_lt_upper_bound; lia.
  - apply Nat.mod_upper_bound; auto.
  - rewrite Nat.mul_comm. apply Nat.div_mod; auto.
Qed.

Lemma flat_less i k : (i < K)%nat -> (k < d)%nat -> (i * d + k < N)%nat.
Proof. intros. nia. Qed.

Lemma gradient_flat x i k : (k < d)%nat -> gradient x (i * d + k)%nat = slope x i k.
Proof. intros. unfold gradient. rewrite flat_div, flat_mod by auto. reflexivity. Qed.

Lemma hessian_flat x i j k l : (k < d)%nat -> (l < d)%nat -> hessian x (i * d + k)%nat (j * d + l)%nat = block x i j k l.
Proof. intros. unfold hessian. rewrite !flat_div, !flat_mod by auto. reflexivity. Qed.

(** * Derivatives *)

Lemma block_symmetric x i j k l : block x i j k l = block x j i l k.
Proof.
  unfold block. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb_spec i j) as [->|_].
  - unfold diagonal_block. f_equal; [unfold delta; rewrite Nat.eqb_sym; reflexivity|].
    apply sum_ext; intros. rewrite same_block_symmetric. reflexivity.
  - apply cross_block_symmetric.
Qed.

Lemma hessian_symmetric x n m : hessian x n m = hessian x m n.
Proof. apply block_symmetric. Qed.

Section Line.
Variables (x z : nat -> R) (t : R).
Hypothesis D : domain (line x z t).
(** the velocity of row j *)
Definition velocity (j : nat) : nat -> R := if Nat.ltb j K then student z j else fun _ => 0.

Lemma student_line i u : student (line x z u) i = line (student x i) (student z i) u.
Proof. reflexivity. Qed.

Lemma row_line j u : row (line x z u) j = line (row x j) (velocity j) u.
Proof.
  unfold row, velocity. destruct (Nat.ltb j K); [reflexivity|].
  apply functional_extensionality; intros k. unfold line. ring.
Qed.

Lemma pair_domain i j : (i < K)%nat -> (j < K + M)%nat -> j <> i ->
  0 < gram d (line (student x i) (student z i) t) (line (row x j) (velocity j) t).
Proof. intros. rewrite <- student_line, <- row_line. apply D; auto. Qed.

Definition Xi i := student (line x z t) i.
Definition Xj j := row (line x z t) j.

Lemma derive_value i j : (i < K)%nat -> (j < K + M)%nat ->
  is_derive (fun t => weight i j * share j * pair_value d (student (line x z t) i) (row (line x z t) j)) t
    (weight i j * share j * (inner d (pair_slope d (Xi i) (Xj j)) (student z i) + inner d (pair_slope d (Xj j) (Xi i)) (velocity j))).
Proof.
  intros Hi Hj. unfold weight. destruct (Nat.eqb_spec j i) as [E|E].
  - eapply derive_to; [|instantiate (1 := 0); ring].
    apply (derive_ext (fun _ => 0)); [intros; ring|apply derive_const].
  - apply derive_scale. unfold Xi, Xj. rewrite (row_line j t).
    apply (derive_ext (fun t => pair_value d (line (student x i) (student z i) t) (line (row x j) (velocity j) t))).
    { intros u. rewrite <- row_line. reflexivity. }
    exact (derive_pair_value d _ _ _ _ t (pair_domain i j Hi Hj E)).
Qed.

Lemma derive_slope i j k : (i < K)%nat -> (j < K + M)%nat -> (k < d)%nat ->
  is_derive (fun t => weight i j * pair_slope d (student (line x z t) i) (row (line x z t) j) k) t
    (weight i j * (sum d (fun l => same_block d (Xi i) (Xj j) k l * student z i l)
                   + sum d (fun l => cross_block d (Xi i) (Xj j) k l * velocity j l))).
Proof.
  intros Hi Hj Hk. unfold weight. destruct (Nat.eqb_spec j i) as [E|E].
  - eapply derive_to; [|instantiate (1 := 0); ring].
    apply (derive_ext (fun _ => 0)); [intros; ring|apply derive_const].
  - apply derive_scale. unfold Xi, Xj. rewrite (row_line j t).
    apply (derive_ext (fun t => pair_slope d (line (student x i) (student z i) t) (line (row x j) (velocity j) t) k)).
    { intros u. rewrite <- row_line. reflexivity. }
    exact (derive_pair_slope d _ _ _ _ t (pair_domain i j Hi Hj E) k Hk).
Qed.

(** Sums over rows with a symmetric weight, of which only students move. *)
Lemma student_part (f : nat -> R) : (forall j, (K <= j)%nat -> f j = 0) -> sum (K + M) f = sum K f.
Proof. intros Z. rewrite sum_app, (sum_zero M); [ring|]. intros. apply Z. lia. Qed.

Lemma energy_derivative : is_derive (fun t => energy (line x z t)) t (sum N (fun n => gradient (line x z t) n * z n)).
Proof.
  eapply derive_to.
  { apply derive_plus; [|apply derive_const]. apply derive_sum. intros i Hi.
    apply derive_plus; [apply derive_scale, derive_inner|]. apply derive_sum. intros j Hj. apply derive_value; auto. }
  set (own := fun i j => inner d (pair_slope d (Xi i) (Xj j)) (student z i)).
  set (other := fun i j => inner d (pair_slope d (Xj j) (Xi i)) (velocity j)).
  assert (E : sum K (fun i => sum (K + M) (fun j => weight i j * share j * (own i j + other i j)))
    = sum K (fun i => sum (K + M) (fun j => weight i j * own i j))).
  { assert (S : sum K (fun i => sum K (fun j => weight i j * other i j)) = sum K (fun i => sum K (fun j => weight i j * own i j))).
    { rewrite sum_swap. apply sum_ext; intros i Hi. apply sum_ext; intros j Hj. unfold weight, own, other, Xi, Xj, row, velocity, sign.
      assert (Li := proj2 (Nat.ltb_lt i K) Hi). assert (Lj := proj2 (Nat.ltb_lt j K) Hj).
      rewrite (Nat.eqb_sym i j), Li, Lj. reflexivity. }
    transitivity (sum K (fun i => sum (K + M) (fun j => weight i j * share j * own i j) + sum K (fun j => 1 / 2 * (weight i j * other i j)))).
    { apply sum_ext; intros i Hi. rewrite (sum_ext (K + M) _ (fun j => weight i j * share j * own i j + weight i j * share j * other i j)) by (intros; ring).
      rewrite sum_plus. f_equal. rewrite student_part.
      - apply sum_ext; intros j Hj. unfold share. rewrite (proj2 (Nat.ltb_lt j K) Hj). ring.
      - intros j Hj. unfold other, velocity. rewrite (proj2 (Nat.ltb_ge j K) Hj).
        replace (inner d _ (fun _ => 0)) with 0 by (symmetry; apply sum_zero; intros; ring). ring. }
    rewrite sum_plus. rewrite (sum_ext K (fun i => sum K (fun j => 1 / 2 * _)) (fun i => 1 / 2 * sum K (fun j => weight i j * other i j))) by (intros; apply sum_scale).
    rewrite sum_scale, S, <- sum_scale, <- sum_plus. apply sum_ext; intros i Hi. rewrite !sum_app.
    rewrite (sum_ext K (fun j => weight i j * share j * own i j) (fun j => 1 / 2 * (weight i j * own i j))).
    2:{ intros j Hj. unfold share. rewrite (proj2 (Nat.ltb_lt j K) Hj). ring. }
    rewrite sum_scale, (sum_ext M _ (fun j => weight i (K + j)%nat * own i (K + j)%nat)); [field|].
    intros j Hj. unfold share. rewrite (proj2 (Nat.ltb_ge (K + j)%nat K)) by lia. ring. }
  rewrite sum_flat, sum_plus. fold (own). unfold own, other in E. rewrite E. fold own. rewrite <- sum_plus, Rplus_0_r.
  apply sum_ext; intros i Hi.
  rewrite (sum_ext d _ (fun k => PI * (student (line x z t) i k * student z i k)
     + sum (K + M) (fun j => weight i j * (pair_slope d (Xi i) (Xj j) k * student z i k)))).
  - rewrite sum_plus, sum_scale, sum_swap. f_equal.
    + transitivity (PI / 2 * (inner d (student z i) (Xi i) + inner d (Xi i) (student z i))); [reflexivity|].
      rewrite (inner_symmetric d (student z i)). change (sum d _) with (inner d (Xi i) (student z i)). field.
    + apply sum_ext; intros j Hj. rewrite sum_scale. reflexivity.
  - intros k Hk. rewrite gradient_flat by auto. unfold slope. rewrite Rmult_plus_distr_r. f_equal; [unfold student; ring|].
    change (z (i * d + k)%nat) with (student z i k). rewrite Rmult_comm, <- sum_scale.
    apply sum_ext; intros. unfold Xi, Xj. ring.
Qed.

Lemma gradient_derivative n : (n < N)%nat ->
  is_derive (fun t => gradient (line x z t) n) t (sum N (fun m => hessian (line x z t) n m * z m)).
Proof.
  intros Hn. destruct (flat_split n Hn) as [Hi [Hk En]]. set (i := (n / d)%nat) in *. set (k := (n mod d)%nat) in *.
  unfold gradient. fold i k. eapply derive_to.
  { unfold slope. apply derive_plus; [apply derive_scale; unfold student; apply derive_line|].
    apply derive_sum. intros j Hj. apply derive_slope; auto. }
  rewrite sum_flat, En.
  rewrite (sum_ext K _ (fun j => delta i j * sum d (fun l => diagonal_block (line x z t) i k l * student z i l)
      + weight i j * sum d (fun l => cross_block d (Xi i) (Xj j) k l * velocity j l))).
  - rewrite sum_plus, sum_delta by auto.
    rewrite (sum_ext (K + M) _ (fun j => weight i j * sum d (fun l => same_block d (Xi i) (Xj j) k l * student z i l)
       + weight i j * sum d (fun l => cross_block d (Xi i) (Xj j) k l * velocity j l))) by (intros; ring).
    rewrite sum_plus, (student_part (fun j => weight i j * sum d (fun l => cross_block d (Xi i) (Xj j) k l * velocity j l))).
    + unfold diagonal_block. rewrite (sum_ext d _ (fun l => PI * (delta k l * student z i l)
         + sum (K + M) (fun j => weight i j * (same_block d (Xi i) (Xj j) k l * student z i l)))).
      * rewrite sum_plus, sum_scale, sum_delta, sum_swap by auto.
        rewrite (sum_ext (K + M) (fun j => sum d _) (fun j => weight i j * sum d (fun l => same_block d (Xi i) (Xj j) k l * student z i l))) by (intros; apply sum_scale).
        change (z (i * d + k)%nat) with (student z i k). ring.
      * intros l Hl. rewrite Rmult_plus_distr_r. f_equal; [ring|]. rewrite Rmult_comm, <- sum_scale.
        apply sum_ext; intros. unfold Xi, Xj. ring.
    + intros j Hj. unfold velocity. rewrite (proj2 (Nat.ltb_ge j K) Hj), sum_zero; [ring|intros; ring].
  - intros j Hj. rewrite (sum_ext d _ (fun l => block (line x z t) i j k l * student z j l)).
    2:{ intros l Hl. rewrite hessian_flat by auto. reflexivity. }
    unfold block, weight, delta. rewrite (Nat.eqb_sym j i). destruct (Nat.eqb_spec i j) as [E|E]; [rewrite E; ring|].
    unfold sign, velocity, Xi, Xj, row. rewrite (proj2 (Nat.ltb_lt j K) Hj). ring.
Qed.
End Line.

Theorem energy_smooth (inside : (nat -> R) -> Prop) : (forall x, inside x -> domain x) ->
  twice_differentiable N inside energy gradient hessian.
Proof.
  intros Sub x z t I. split; [apply energy_derivative; auto|]. intros n Hn. apply gradient_derivative; auto.
Qed.

(** * The loss *)

Theorem energy_loss x : domain x -> energy x = 2 * PI * Loss K M d V (student x).
Proof.
  intros D. unfold energy, Loss. set (G := fun i j => 2 * PI * g d (student x i) (student x j)).
  assert (E : forall i, (i < K)%nat ->
    PI / 2 * inner d (student x i) (student x i) + sum (K + M) (fun j => weight i j * share j * pair_value d (student x i) (row x j))
    = 1 / 2 * sum K (fun j => G i j) - sum M (fun m => 2 * PI * g d (student x i) (V m))).
  { intros i Hi. rewrite sum_app.
    assert (A : sum K (fun j => weight i j * share j * pair_value d (student x i) (row x j)) = 1 / 2 * sum K (fun j => G i j) - 1 / 2 * G i i).
    { rewrite <- (sum_delta K i (G i) Hi), <- !sum_scale, <- sum_minus. apply sum_ext; intros j Hj.
      unfold weight, share, sign, delta, G, row. rewrite (proj2 (Nat.ltb_lt j K) Hj), (Nat.eqb_sym i j).
      destruct (Nat.eqb_spec j i) as [->|Ne]; [ring|]. rewrite <- g_pair; [field|].
      generalize (D i j Hi ltac:(lia) Ne). unfold row. rewrite (proj2 (Nat.ltb_lt j K) Hj). auto. }
    assert (B : sum M (fun m => weight i (K + m)%nat * share (K + m)%nat * pair_value d (student x i) (row x (K + m)%nat))
              = - sum M (fun m => 2 * PI * g d (student x i) (V m))).
    { replace (- sum M _) with (-1 * sum M (fun m => 2 * PI * g d (student x i) (V m))) by ring. rewrite <- sum_scale.
      apply sum_ext; intros m Hm. unfold weight, share, sign, row. rewrite (proj2 (Nat.ltb_ge (K + m)%nat K)) by lia.
      replace (K + m - K)%nat with m by lia. destruct (Nat.eqb_spec (K + m)%nat i); [lia|]. rewrite <- g_pair; [ring|].
      generalize (D i (K + m)%nat Hi ltac:(lia) ltac:(lia)). unfold row. rewrite (proj2 (Nat.ltb_ge (K + m)%nat K)) by lia.
      replace (K + m - K)%nat with m by lia. auto. }
    rewrite A, B. unfold G at 2. rewrite g_self. field. }
  rewrite (sum_ext K _ _ E), sum_minus, sum_scale. unfold teacher_energy, G.
  rewrite (sum_ext K (fun i => sum K (fun j => 2 * PI * g d (student x i) (student x j))) (fun i => 2 * PI * sum K (fun j => g d (student x i) (student x j)))) by (intros; apply sum_scale).
  rewrite (sum_ext K (fun i => sum M (fun m => 2 * PI * g d (student x i) (V m))) (fun i => 2 * PI * sum M (fun m => g d (student x i) (V m)))) by (intros; apply sum_scale).
  rewrite !sum_scale. field.
Qed.
End Landscape.
