(** A contraction of a Euclidean ball of R^n into itself has a fixed point ([fixed_point]).

    Neither Coquelicot 3.2 nor the standard library states the theorem for functions [nat -> R], of which only the
    first n values matter here; the proof is the usual one, coordinate by coordinate. *)

From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From Certify Require Import Sums.
Open Scope R_scope.

Definition distance (n : nat) (x y : nat -> R) : R := norm n (fun i => x i - y i).

Lemma distance_nonneg n x y : 0 <= distance n x y.
Proof. apply norm_nonneg. Qed.

Lemma distance_triangle n x y z : distance n x z <= distance n x y + distance n y z.
Proof.
  unfold distance. eapply Rle_trans; [|apply norm_triangle]. apply Req_le. unfold norm. f_equal.
  apply sqnorm_ext; intros; ring.
Qed.

Lemma distance_symmetric n x y : distance n x y = distance n y x.
Proof. unfold distance, norm. f_equal. apply sum_ext; intros; ring. Qed.

Lemma distance_self n x : distance n x x = 0.
Proof. unfold distance, norm. rewrite <- sqrt_0. f_equal. apply sum_zero; intros; ring. Qed.

Lemma coordinate_le n x y i : (i < n)%nat -> Rabs (x i - y i) <= distance n x y.
Proof. intros. apply (norm_coordinate n (fun i => x i - y i)); auto. Qed.

Section FixedPoint.
Variables (n : nat) (c : nat -> R) (rho q : R) (T : (nat -> R) -> nat -> R).
Let ball x := distance n x c <= rho.
Hypothesis rho_nonneg : 0 <= rho.
Hypothesis q_range : 0 <= q < 1.
Hypothesis start : distance n (T c) c <= (1 - q) * rho.
Hypothesis contraction : forall x y, ball x -> ball y -> distance n (T x) (T y) <= q * distance n x y.

Fixpoint iterate (k : nat) : nat -> R := match k with O => c | S j => T (iterate j) end.

Lemma centre_in_ball : ball c.
Proof. unfold ball. rewrite distance_self. auto. Qed.

Lemma image_in_ball x : ball x -> ball (T x).
Proof.
  intros Hx. unfold ball. eapply Rle_trans; [apply (distance_triangle n _ (T c))|].
  assert (L := contraction x c Hx centre_in_ball). unfold ball in Hx. nra.
Qed.

Lemma iterate_in_ball k : ball (iterate k).
Proof. induction k; simpl; [apply centre_in_ball|apply image_in_ball; auto]. Qed.

Lemma power_nonneg k : 0 <= q ^ k * rho.
Proof. apply Rmult_le_pos; [apply pow_le|]; tauto. Qed.

Lemma iterates_close k p : distance n (iterate (k + p)) (iterate k) <= q ^ k * rho.
Proof.
  induction k; simpl.
  - rewrite Rmult_1_l. apply iterate_in_ball.
  - eapply Rle_trans; [apply contraction; apply iterate_in_ball|]. rewrite Rmult_assoc.
    apply Rmult_le_compat_l; tauto.
Qed.

Lemma powers_vanish : is_lim_seq (fun k => q ^ k * rho) 0.
Proof.
  replace (Finite 0) with (Rbar_mult 0 rho) by (simpl; f_equal; ring).
  apply is_lim_seq_scal_r. apply is_lim_seq_geom. rewrite Rabs_pos_eq; tauto.
Qed.

Lemma coordinates_converge i : (i < n)%nat -> ex_finite_lim_seq (fun k => iterate k i).
Proof.
  intros Hi. apply ex_lim_seq_cauchy_corr. intros eps.
  assert (He : 0 < eps / 2) by (destruct eps; simpl; lra).
  destruct (proj2 (is_lim_seq_spec _ _) powers_vanish (mkposreal _ He)) as [N HN].
  specialize (HN N (le_n N)). simpl in HN. rewrite Rminus_0_r in HN. apply Rabs_def2 in HN.
  exists N. intros a b Ha Hb.
  assert (close : forall m, (N <= m)%nat -> Rabs (iterate m i - iterate N i) <= q ^ N * rho).
  { intros m Hm. eapply Rle_trans; [apply (coordinate_le n _ _ i Hi)|].
    replace m with (N + (m - N))%nat by lia. apply iterates_close. }
  assert (A := close a Ha). assert (B := close b Hb).
  replace (iterate a i - iterate b i) with ((iterate a i - iterate N i) + - (iterate b i - iterate N i)) by ring.
  eapply Rle_lt_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. simpl in *. lra.
Qed.

Definition limit (i : nat) : R := real (Lim_seq (fun k => iterate k i)).

Lemma limit_spec i : (i < n)%nat -> is_lim_seq (fun k => iterate k i) (limit i).
Proof. intros Hi. apply Lim_seq_correct', coordinates_converge; auto. Qed.

Lemma lim_sum m (f : nat -> nat -> R) (l : nat -> R) :
  (forall i, (i < m)%nat -> is_lim_seq (fun k => f k i) (l i)) -> is_lim_seq (fun k => sum m (f k)) (sum m l).
Proof.
  induction m; intros H; simpl; [apply is_lim_seq_const|].
  apply is_lim_seq_plus'; [apply IHm; intros; apply H; lia|apply H; lia].
Qed.

Lemma limit_close k : distance n limit (iterate k) <= q ^ k * rho.
Proof.
  assert (pos := power_nonneg k). apply norm_le_of_sq; auto. unfold sqnorm.
  assert (L : is_lim_seq (fun p => sum n (fun i => (iterate (k + p) i - iterate k i) * (iterate (k + p) i - iterate k i)))
                (sum n (fun i => (limit i - iterate k i) * (limit i - iterate k i)))).
  { apply lim_sum. intros i Hi.
    assert (D : is_lim_seq (fun p => iterate (k + p) i - iterate k i) (limit i - iterate k i)).
    { apply is_lim_seq_minus'; [|apply is_lim_seq_const].
      apply (is_lim_seq_ext (fun p => iterate (p + k) i)); [intros; rewrite Nat.add_comm; reflexivity|].
      apply (proj1 (is_lim_seq_incr_n (fun m => iterate m i) k _)). apply limit_spec; auto. }
    apply is_lim_seq_mult'; auto. }
  assert (bound : forall p, sum n (fun i => (iterate (k + p) i - iterate k i) * (iterate (k + p) i - iterate k i))
                    <= q ^ k * rho * (q ^ k * rho)).
  { intros p. change (sqnorm n (fun i => iterate (k + p) i - iterate k i) <= q ^ k * rho * (q ^ k * rho)).
    rewrite <- norm_squared. assert (C := iterates_close k p). unfold distance in C.
    apply Rmult_le_compat; auto; apply norm_nonneg. }
  exact (is_lim_seq_le _ _ _ _ bound L (is_lim_seq_const _)).
Qed.

Theorem fixed_point : exists x, distance n x c <= rho /\ forall i, (i < n)%nat -> T x i = x i.
Proof.
  assert (inside : ball limit).
  { unfold ball. generalize (limit_close 0). simpl. rewrite Rmult_1_l. auto. }
  exists limit. split; [exact inside|]. intros i Hi.
  assert (L : is_lim_seq (fun k => iterate (S k) i - T limit i) 0).
  { apply (is_lim_seq_le_le (fun k => - (q ^ k * rho)) _ (fun k => q ^ k * rho)).
    - intros k. assert (A := coordinate_le n (iterate (S k)) (T limit) i Hi). simpl in A |- *.
      assert (B := contraction _ _ (iterate_in_ball k) inside).
      assert (C := limit_close k). rewrite distance_symmetric in C.
      assert (P := distance_nonneg n (iterate k) limit).
      assert (Rabs (T (iterate k) i - T limit i) <= q ^ k * rho) by nra. apply Rabs_le_between. auto.
    - replace (Finite 0) with (Rbar_opp 0) by (simpl; f_equal; ring).
      apply -> is_lim_seq_opp. apply powers_vanish.
    - apply powers_vanish. }
  assert (M : is_lim_seq (fun k => iterate (S k) i - T limit i) (limit i - T limit i)).
  { apply is_lim_seq_minus'; [|apply is_lim_seq_const].
    apply (proj1 (is_lim_seq_incr_1 (fun m => iterate m i) _)). apply limit_spec; auto. }
  assert (E := is_lim_seq_unique _ _ L). rewrite (is_lim_seq_unique _ _ M) in E. injection E. lra.
Qed.
End FixedPoint.
