(** From inequalities about [energy], [gradient] and [hessian] on a box to [Statement.certified], and the proof that
    such a point is not a global minimum where K >= M ([not_global_of_positive]). *)

From Coq Require Import Reals Lra Lia Psatz FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Certify Require Import Sums Contraction Convexity Kernel Statement Landscape.
Open Scope R_scope.

Section Conclusion.
Variables (K M d : nat) (V W0 : matrix).
Notation N := (K * d)%nat.
Notation F := (energy K M d V).
Notation G := (gradient K M d V).
Notation H := (hessian K M d V).

Definition flat (W : matrix) : nat -> R := fun n => W (n / d)%nat (n mod d)%nat.

Lemma student_flat W i k : (k < d)%nat -> student d (flat W) i k = W i k.
Proof. intros. unfold student, flat. rewrite flat_div, flat_mod by auto. reflexivity. Qed.

Lemma Loss_ext W W' : (forall i k, (i < K)%nat -> (k < d)%nat -> W i k = W' i k) -> Loss K M d V W = Loss K M d V W'.
Proof.
  intros E. unfold Loss. f_equal. f_equal.
  - f_equal. apply sum_ext; intros. apply sum_ext; intros. apply g_ext; intros; apply E; auto.
  - apply sum_ext; intros. apply sum_ext; intros. apply g_ext; intros; auto.
Qed.

Lemma Loss_flat W : Loss K M d V (student d (flat W)) = Loss K M d V W.
Proof. apply Loss_ext. intros. apply student_flat; auto. Qed.

Lemma sqdist_flat W W' : sqdist K d W W' = sqnorm N (fun n => flat W n - flat W' n).
Proof.
  unfold sqnorm. rewrite sum_flat. apply sum_ext; intros. apply sum_ext; intros. unfold flat.
  rewrite flat_div, flat_mod by auto. reflexivity.
Qed.

(** The domain is open along lines. *)
Lemma locally_all n (P : nat -> R -> Prop) (t : R) : (forall i, (i < n)%nat -> locally t (P i)) -> locally t (fun u => forall i, (i < n)%nat -> P i u).
Proof.
  induction n; intros E.
  - exists (mkposreal 1 Rlt_0_1). intros; lia.
  - assert (A : locally t (fun u => (forall i, (i < n)%nat -> P i u) /\ P n u)).
    { apply filter_and; [apply IHn; intros|]; apply E; lia. }
    revert A. apply filter_imp. intros u [B C] i Hi. destruct (Nat.eq_dec i n) as [->|]; [exact C|apply B; lia].
Qed.

Lemma domain_open x z (t : R) : domain K M d V (line x z t) -> locally t (fun u => domain K M d V (line x z u)).
Proof.
  intros D.
  cut (locally t (fun u => forall i, (i < K)%nat -> forall j, (j < K + M)%nat -> j <> i ->
         0 < gram d (student d (line x z u) i) (row K d V (line x z u) j))).
  { apply filter_imp. unfold domain. auto. }
  apply (locally_all K (fun i u => forall j, (j < K + M)%nat -> j <> i -> 0 < gram d (student d (line x z u) i) (row K d V (line x z u) j))).
  intros i Hi. apply (locally_all (K + M) (fun j u => j <> i -> 0 < gram d (student d (line x z u) i) (row K d V (line x z u) j))).
  intros j Hj. destruct (Nat.eq_dec j i) as [E|E]; [exists (mkposreal 1 Rlt_0_1); intros; contradiction|].
  set (f := fun u => gram d (student d (line x z u) i) (row K d V (line x z u) j)).
  assert (C : continuous f t).
  { assert (exists f', is_derive f t f') as [f' Hf].
    { eexists. apply (derive_ext (fun u => gram d (line (student d x i) (student d z i) u) (line (row K d V x j) (velocity K d z j) u))).
      - intros u. unfold f. rewrite <- row_line. reflexivity.
      - unfold gram. apply derive_minus; apply derive_mult; apply derive_inner. }
    apply (ex_derive_continuous (K := R_AbsRing) (V := R_NormedModule)). exists f'. exact Hf. }
  assert (P : locally t (fun u => 0 < f u)) by exact (C (fun v => 0 < v) (open_gt 0 _ (D i j Hi Hj E))).
  revert P. apply filter_imp. auto.
Qed.

Lemma loss_near W Z (t : R) : domain K M d V (line (flat W) (flat Z) t) ->
  locally t (fun u => / (2 * PI) * F (line (flat W) (flat Z) u) = Loss K M d V (fun i k => W i k + u * Z i k)).
Proof.
  intros D. generalize (domain_open _ _ _ D). apply filter_imp. intros u Du. rewrite energy_loss by auto.
  rewrite <- (Loss_flat (fun i k => W i k + u * Z i k)). change (flat (fun i k => W i k + u * Z i k)) with (line (flat W) (flat Z) u).
  assert (P := PI_RGT_0). field. lra.
Qed.

Lemma loss_derivative W Z (t : R) : domain K M d V (line (flat W) (flat Z) t) ->
  is_derive (fun t => Loss K M d V (fun i k => W i k + t * Z i k)) t
    (/ (2 * PI) * sum N (fun n => G (line (flat W) (flat Z) t) n * flat Z n)).
Proof.
  intros D. eapply is_derive_ext_loc; [exact (loss_near W Z t D)|].
  apply (derive_scale (fun t => F (line (flat W) (flat Z) t))). apply energy_derivative. exact D.
Qed.

Lemma stationary_iff W : domain K M d V (flat W) -> (stationary K M d V W <-> forall n, (n < N)%nat -> G (flat W) n = 0).
Proof.
  intros D. assert (P := PI_RGT_0). split.
  - intros S n Hn. destruct (flat_split K d n Hn) as [Hi [Hk En]].
    set (Z := fun i k => delta n (i * d + k)).
    assert (D0 : domain K M d V (line (flat W) (flat Z) 0)) by (rewrite line_0; exact D).
    assert (E := is_derive_unique _ _ _ (loss_derivative W Z 0 D0)). rewrite (is_derive_unique _ _ _ (S Z)) in E.
    rewrite line_0 in E. rewrite (sum_ext N _ (fun m => delta n m * G (flat W) m)) in E.
    + rewrite sum_delta in E by auto. apply (f_equal (Rmult (2 * PI))) in E.
      rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l, Rmult_0_r in E by lra. lra.
    + intros m Hm. destruct (flat_split K d m Hm) as [_ [_ Em]]. unfold flat at 2, Z. rewrite <- Em. ring.
  - intros E Z. assert (D0 : domain K M d V (line (flat W) (flat Z) 0)) by (rewrite line_0; exact D).
    eapply derive_to; [exact (loss_derivative W Z 0 D0)|]. rewrite line_0, sum_zero; [ring|].
    intros n Hn. rewrite E by auto. ring.
Qed.

Lemma second_derivative W Z : domain K M d V (flat W) ->
  is_derive_n (fun t => Loss K M d V (fun i k => W i k + t * Z i k)) 2 0 (/ (2 * PI) * form N (H (flat W)) (flat Z) (flat Z)).
Proof.
  intros D. assert (D0 : domain K M d V (line (flat W) (flat Z) 0)) by (rewrite line_0; exact D).
  simpl. apply (is_derive_ext_loc (fun t => / (2 * PI) * sum N (fun n => G (line (flat W) (flat Z) t) n * flat Z n))).
  - generalize (domain_open _ _ _ D0). apply filter_imp. intros u Du. symmetry. apply is_derive_unique, loss_derivative. exact Du.
  - apply (derive_scale (fun t => sum N (fun n => G (line (flat W) (flat Z) t) n * flat Z n))).
    apply (derive_ext (fun t => sum N (fun n => flat Z n * G (line (flat W) (flat Z) t) n))).
    { intros u. apply sum_ext; intros; ring. }
    eapply derive_to.
    + apply derive_sum. intros n Hn. apply derive_scale. apply gradient_derivative; [exact D0|exact Hn].
    + rewrite line_0. reflexivity.
Qed.

Variables (r rho mu lower upper m B : R).
Notation inside := (box N (flat W0) r).
Hypothesis smooth_box : forall x, inside x -> domain K M d V x.
Hypothesis convexity : forall x z, inside x -> m * sqnorm N z <= form N (H x) z z <= B * sqnorm N z.
Hypothesis m_pos : 0 < m.
Hypothesis m_le_B : m <= B.
Hypothesis radii : 0 <= rho < r.
Hypothesis small_gradient : norm N (G (flat W0)) <= m * rho.
Hypothesis mu_pos : 0 < mu.
Hypothesis mu_le : 2 * PI * mu <= m.
Hypothesis lower_le : 2 * PI * lower <= F (flat W0) - m * (rho * rho).
Hypothesis upper_ge : F (flat W0) <= 2 * PI * upper.

Lemma in_box_flat W : in_box K d W0 r W -> inside (flat W).
Proof. intros I n Hn. destruct (flat_split K d n Hn) as [Hi [Hk _]]. apply I; auto. Qed.

Lemma loss_energy W : inside (flat W) -> Loss K M d V W = / (2 * PI) * F (flat W).
Proof.
  intros I. rewrite energy_loss by auto. rewrite Loss_flat. assert (P := PI_RGT_0). field. lra.
Qed.

Lemma loss_growth W W' : inside (flat W) -> inside (flat W') -> (forall n, (n < N)%nat -> G (flat W) n = 0) ->
  Loss K M d V W + mu / 2 * sqdist K d W' W <= Loss K M d V W'.
Proof.
  intros I I' E. assert (P := PI_RGT_0).
  assert (L := Convexity.growth N (flat W0) r m B F G H (energy_smooth K M d V _ smooth_box) convexity _ _ I I').
  rewrite sum_zero in L by (intros; rewrite E by auto; ring). rewrite <- sqdist_flat in L.
  rewrite !loss_energy by auto. assert (S : 0 <= sqdist K d W' W) by (rewrite sqdist_flat; apply sqnorm_nonneg).
  apply Rmult_le_reg_l with (2 * PI); [lra|].
  replace (2 * PI * (/ (2 * PI) * F (flat W) + mu / 2 * sqdist K d W' W)) with (F (flat W) + (2 * PI * mu) / 2 * sqdist K d W' W) by (field; lra).
  replace (2 * PI * (/ (2 * PI) * F (flat W'))) with (F (flat W')) by (field; lra). nra.
Qed.

Theorem conclusion : exists W, certified K M d V W0 r rho mu lower upper W.
Proof.
  assert (P := PI_RGT_0). assert (smooth := energy_smooth K M d V _ smooth_box).
  destruct (minimum_exists N (flat W0) r m B F G H smooth (fun x i j => hessian_symmetric K M d V x i j) m_pos convexity
              ltac:(lra) m_le_B rho ltac:(lra) small_gradient) as [x [Hx E]].
  set (W := student d x).
  assert (Fx : forall n, (n < N)%nat -> flat W n = x n).
  { intros n Hn. destruct (flat_split K d n Hn) as [_ [_ En]]. unfold flat, W, student. rewrite <- En. reflexivity. }
  assert (near : norm N (fun n => flat W n - flat W0 n) <= rho).
  { unfold norm. rewrite (sqnorm_ext N _ (fun n => x n - flat W0 n)) by (intros; rewrite Fx; auto). exact Hx. }
  assert (I : inside (flat W)) by (apply (ball_in_box N _ r rho); [exact near|lra]).
  assert (Ix : inside x) by (apply (ball_in_box N _ r rho); [exact Hx|lra]).
  assert (S : stationary K M d V W).
  { (* x and flat W agree where it matters; lines through them give the same losses *)
    intros Z. assert (D0 : domain K M d V (line x (flat Z) 0)) by (rewrite line_0; auto).
    assert (L : locally (0 : R) (fun u => / (2 * PI) * F (line x (flat Z) u) = Loss K M d V (fun i k => W i k + u * Z i k))).
    { generalize (domain_open _ _ _ D0). apply filter_imp. intros u Du. rewrite energy_loss by auto.
      rewrite (Loss_ext (student d (line x (flat Z) u)) (fun i k => W i k + u * Z i k)); [field; lra|].
      intros i k Hi Hk. unfold W. rewrite <- (student_flat Z i k Hk). reflexivity. }
    eapply is_derive_ext_loc; [exact L|].
    eapply derive_to; [apply (derive_scale (fun u => F (line x (flat Z) u))), energy_derivative; exact D0|].
    rewrite line_0, sum_zero; [ring|]. intros n Hn. rewrite E by auto. ring. }
  assert (EW := proj1 (stationary_iff W (smooth_box _ I)) S).
  assert (Growth : forall W', in_box K d W0 r W' -> Loss K M d V W + mu / 2 * sqdist K d W' W <= Loss K M d V W').
  { intros W' I'. apply loss_growth; auto. apply in_box_flat; auto. }
  exists W. split.
  - rewrite sqdist_flat, <- norm_squared. apply Rmult_le_compat; auto using norm_nonneg.
  - exact S.
  - intros W' I' S'. assert (J := in_box_flat W' I').
    assert (L := loss_growth W' W J I (proj1 (stationary_iff W' (smooth_box _ J)) S')).
    assert (L' := Growth W' I').
    assert (Sy : sqdist K d W W' = sqdist K d W' W) by (apply sum_ext; intros; apply sum_ext; intros; ring).
    rewrite Sy in L. assert (0 <= sqdist K d W' W) by (rewrite sqdist_flat; apply sqnorm_nonneg). nra.
  - intros W' I' Z. assert (J := in_box_flat W' I').
    exists (/ (2 * PI) * form N (H (flat W')) (flat Z) (flat Z)). split; [|apply second_derivative; auto].
    destruct (convexity (flat W') (flat Z) J) as [C _].
    replace (sqdist K d Z (fun _ _ => 0)) with (sqnorm N (flat Z)).
    2:{ rewrite sqdist_flat. apply sqnorm_ext. intros. unfold flat. ring. }
    assert (Sz := sqnorm_nonneg N (flat Z)). apply Rmult_le_reg_l with (2 * PI); [lra|].
    rewrite <- (Rmult_assoc (2 * PI) (/ (2 * PI))), Rinv_r, Rmult_1_l by lra. nra.
  - exact Growth.
  - exists (r - rho). split; [lra|]. intros W' Near Ne.
    assert (C : norm N (fun n => flat W' n - flat W n) <= r - rho).
    { apply norm_le_of_sq; [lra|]. rewrite <- sqdist_flat. lra. }
    assert (J : in_box K d W0 r W').
    { intros i k Hi Hk. assert (A := norm_coordinate N (fun n => flat W' n - flat W0 n) (i * d + k) (flat_less K d i k Hi Hk)).
      assert (T := norm_triangle N (fun n => flat W' n - flat W n) (fun n => flat W n - flat W0 n)).
      cbv beta in T. replace (norm N (fun n => flat W' n - flat W n + (flat W n - flat W0 n))) with (norm N (fun n => flat W' n - flat W0 n)) in T.
      2:{ unfold norm. f_equal. apply sqnorm_ext. intros. ring. }
      cbv beta in A. change (flat W' (i * d + k)%nat) with (student d (flat W') i k) in A.
      change (flat W0 (i * d + k)%nat) with (student d (flat W0) i k) in A. rewrite !student_flat in A by auto. lra. }
    specialize (Growth W' J). nra.
  - assert (I0 : inside (flat W0)). { intros n Hn. rewrite Rminus_eq_0, Rabs_R0. lra. }
    assert (L := loss_growth W W0 I I0 EW).
    assert (Sd : 0 <= sqdist K d W0 W) by (rewrite sqdist_flat; apply sqnorm_nonneg).
    rewrite (loss_energy W0 I0), (loss_energy W I) in L. rewrite (loss_energy W I).
    assert (U := Convexity.growth N (flat W0) r m B F G H smooth convexity _ _ I0 I).
    assert (Q := sqnorm_nonneg N (fun i => flat W i - flat W0 i)).
    assert (T : Rabs (sum N (fun i => G (flat W0) i * (flat W i - flat W0 i))) <= m * (rho * rho)).
    { eapply Rle_trans; [exact (sum_product_bound N (G (flat W0)) (fun i => flat W i - flat W0 i))|].
      rewrite <- Rmult_assoc. apply Rmult_le_compat; auto using norm_nonneg. }
    assert (T' := proj1 (proj1 (Rabs_le_between _ _) T)).
    assert (Down : F (flat W) <= F (flat W0)).
    { assert (i2 : 0 < / (2 * PI)) by (apply Rinv_0_lt_compat; lra). apply Rmult_le_reg_l with (/ (2 * PI)); [exact i2|]. nra. }
    assert (Mid : 2 * PI * (/ (2 * PI) * F (flat W)) = F (flat W)) by (field; lra).
    assert (Up : m / 2 * sqnorm N (fun i => flat W i - flat W0 i) >= 0) by (apply Rle_ge, Rmult_le_pos; lra).
    split; (apply Rmult_le_reg_l with (2 * PI); [lra|]); rewrite Mid; lra.
Qed.

(** * Not a global minimum *)

(** The teachers, the last one cut into K - M + 1 equal pieces. *)
Definition teacher_copy : matrix := fun i k => if Nat.ltb i (M - 1) then V i k else / INR (K - M + 1) * V (M - 1)%nat k.

Lemma copy_sum (v : nat -> R) : (1 <= M <= K)%nat -> sum K (fun i => g d (teacher_copy i) v) = sum M (fun n => g d (V n) v).
Proof.
  intros R. replace K with ((M - 1) + (K - M + 1))%nat at 1 by lia. replace M with (S (M - 1)) at 3 by lia. rewrite sum_app. simpl sum at 3.
  f_equal.
  - apply sum_ext; intros i Hi. unfold teacher_copy. rewrite (proj2 (Nat.ltb_lt i (M - 1)) Hi). reflexivity.
  - assert (P : 0 < INR (K - M + 1)) by (apply lt_0_INR; lia).
    rewrite (sum_ext _ _ (fun _ => / INR (K - M + 1) * g d (V (M - 1)%nat) v)).
    + assert (C : forall n c, sum n (fun _ => c) = INR n * c).
      { induction n; intros c; [simpl; ring|]. rewrite S_INR. simpl sum. rewrite IHn. ring. }
      rewrite C. field. lra.
    + intros i Hi. unfold teacher_copy. rewrite (proj2 (Nat.ltb_ge (M - 1 + i)%nat (M - 1))) by lia.
      apply (g_scale d (/ INR (K - M + 1)) (V (M - 1)%nat) v). apply Rinv_0_lt_compat; auto.
Qed.

Theorem zero_loss : (1 <= M <= K)%nat -> Loss K M d V teacher_copy = 0.
Proof.
  intros R. unfold Loss.
  assert (E : sum K (fun i => sum M (fun m => g d (teacher_copy i) (V m))) = sum M (fun m => sum M (fun n => g d (V m) (V n)))).
  { rewrite sum_swap. apply sum_ext; intros j Hj. rewrite copy_sum by auto. apply sum_ext; intros. apply g_symmetric. }
  assert (E' : sum K (fun i => sum K (fun j => g d (teacher_copy i) (teacher_copy j))) = sum M (fun m => sum M (fun n => g d (V m) (V n)))).
  { rewrite <- E. apply sum_ext; intros i Hi.
    rewrite (sum_ext K _ (fun j => g d (teacher_copy j) (teacher_copy i))) by (intros; apply g_symmetric).
    rewrite copy_sum by auto. apply sum_ext; intros. apply g_symmetric. }
  rewrite E, E'. field.
Qed.

Theorem not_global_of_positive W : (1 <= M <= K)%nat -> 0 < Loss K M d V W -> not_global K M d V W.
Proof. intros R P. exists teacher_copy. rewrite zero_loss by auto. exact P. Qed.
End Conclusion.
