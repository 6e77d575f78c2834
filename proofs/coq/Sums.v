(** Finite sums of reals and the Euclidean geometry of the first [n] coordinates of functions [nat -> R].

    Results: [sum] and its algebra; Cauchy-Schwarz for positive semidefinite forms ([form_cauchy_schwarz]) and for sums
    ([sum_cauchy_schwarz]); the triangle inequality ([norm_triangle]); double sums over a flat index ([sum_flat]). *)

From Coq Require Import Reals Lra Lia Psatz.
Open Scope R_scope.

Fixpoint sum (n : nat) (f : nat -> R) : R :=
  match n with
  | O => 0
  | S m => sum m f + f m
  end.

(** The entry (i, j) of the identity matrix. *)
Definition delta (i j : nat) : R := if Nat.eqb i j then 1 else 0.

Definition sqnorm (n : nat) (x : nat -> R) : R := sum n (fun i => x i * x i).
Definition norm (n : nat) (x : nat -> R) : R := sqrt (sqnorm n x).

(** [form n A x y] is the bilinear form x^T A y. *)
Definition form (n : nat) (A : nat -> nat -> R) (x y : nat -> R) : R :=
  sum n (fun i => x i * sum n (fun j => A i j * y j)).

(** * Algebra of sums *)

Lemma sum_ext n f g : (forall i, (i < n)%nat -> f i = g i) -> sum n f = sum n g.
Proof. induction n; intros E; simpl; [reflexivity|]. rewrite (E n) by lia. rewrite IHn; auto. Qed.

Lemma sum_zero n f : (forall i, (i < n)%nat -> f i = 0) -> sum n f = 0.
Proof. induction n; intros E; simpl; [reflexivity|]. rewrite (E n), IHn by auto. ring. Qed.

Lemma sum_plus n f g : sum n (fun i => f i + g i) = sum n f + sum n g.
Proof. induction n; simpl; [|rewrite IHn]; ring. Qed.

Lemma sum_minus n f g : sum n (fun i => f i - g i) = sum n f - sum n g.
Proof. induction n; simpl; [|rewrite IHn]; ring. Qed.

Lemma sum_scale n c f : sum n (fun i => c * f i) = c * sum n f.
Proof. induction n; simpl; [|rewrite IHn]; ring. Qed.

Lemma sum_le n f g : (forall i, (i < n)%nat -> f i <= g i) -> sum n f <= sum n g.
Proof.
  induction n; intros L; simpl; [apply Rle_refl|].
  apply Rplus_le_compat; [apply IHn; intros; apply L|apply L]; lia.
Qed.

Lemma sum_nonneg n f : (forall i, (i < n)%nat -> 0 <= f i) -> 0 <= sum n f.
Proof. intros L. rewrite <- (sum_zero n (fun _ => 0)) by auto. apply sum_le; auto. Qed.

Lemma sum_term n f i : (forall j, (j < n)%nat -> 0 <= f j) -> (i < n)%nat -> f i <= sum n f.
Proof.
  induction n; intros L Hi; [lia|]. simpl. destruct (Nat.eq_dec i n) as [->|ne].
  - assert (0 <= sum n f) by (apply sum_nonneg; intros; apply L; lia). lra.
  - assert (f i <= sum n f) by (apply IHn; [intros; apply L|]; lia). specialize (L n ltac:(lia)). lra.
Qed.

Lemma sum_swap n m f : sum n (fun i => sum m (fun j => f i j)) = sum m (fun j => sum n (fun i => f i j)).
Proof.
  induction n; simpl; [symmetry; apply sum_zero; auto|]. rewrite IHn, <- sum_plus. reflexivity.
Qed.

Lemma sum_front n f : sum (S n) f = f O + sum n (fun i => f (S i)).
Proof. induction n; [simpl; ring|]. change (sum (S n) f + f (S n) = f O + (sum n (fun i => f (S i)) + f (S n))). rewrite IHn. ring. Qed.

Lemma sum_app n m f : sum (n + m) f = sum n f + sum m (fun i => f (n + i)%nat).
Proof.
  induction m; simpl; [rewrite Nat.add_0_r; ring|]. rewrite Nat.add_succ_r. simpl. rewrite IHm. ring.
Qed.

Lemma sum_delta n i f : (i < n)%nat -> sum n (fun j => delta i j * f j) = f i.
Proof.
  unfold delta. induction n; intros Hi; [lia|]. simpl. destruct (Nat.eq_dec i n) as [->|ne].
  - rewrite Nat.eqb_refl, sum_zero; [ring|]. intros j Hj. destruct (Nat.eqb_spec n j); [lia|ring].
  - rewrite IHn by lia. destruct (Nat.eqb_spec i n); [lia|ring].
Qed.

(** A sum over pairs (i, k) with the flat index [i * d + k]. *)
Lemma sum_flat K d f : sum (K * d) f = sum K (fun i => sum d (fun k => f (i * d + k)%nat)).
Proof. induction K; [reflexivity|]. rewrite Nat.mul_succ_l, sum_app, IHK. reflexivity. Qed.

(** * Norms and forms *)

Lemma sqnorm_nonneg n x : 0 <= sqnorm n x.
Proof. apply sum_nonneg. intros. nra. Qed.

Lemma norm_nonneg n x : 0 <= norm n x.
Proof. apply sqrt_pos. Qed.

Lemma norm_squared n x : norm n x * norm n x = sqnorm n x.
Proof. apply sqrt_sqrt, sqnorm_nonneg. Qed.

Lemma sqnorm_ext n x y : (forall i, (i < n)%nat -> x i = y i) -> sqnorm n x = sqnorm n y.
Proof. intros E. apply sum_ext. intros. rewrite E; auto. Qed.

Lemma sqnorm_coordinate n x i : (i < n)%nat -> x i * x i <= sqnorm n x.
Proof. intros. apply (sum_term n (fun j => x j * x j)); auto. intros. nra. Qed.

Lemma norm_coordinate n x i : (i < n)%nat -> Rabs (x i) <= norm n x.
Proof. intros. rewrite <- (sqrt_Rsqr_abs (x i)). apply sqrt_le_1_alt. apply sqnorm_coordinate; auto. Qed.

Lemma sqnorm_pos n x : (exists i, (i < n)%nat /\ x i <> 0) -> 0 < sqnorm n x.
Proof. intros [i [Hi N]]. assert (C := sqnorm_coordinate n x i Hi). nra. Qed.

Lemma norm_le_of_sq n x c : 0 <= c -> sqnorm n x <= c * c -> norm n x <= c.
Proof. intros Hc H. unfold norm. rewrite <- (sqrt_square c) by auto. apply sqrt_le_1_alt. auto. Qed.

Lemma form_ext n A B x x' y y' :
  (forall i j, (i < n)%nat -> (j < n)%nat -> A i j = B i j) ->
  (forall i, (i < n)%nat -> x i = x' i) -> (forall i, (i < n)%nat -> y i = y' i) -> form n A x y = form n B x' y'.
Proof. intros EA Ex Ey. apply sum_ext; intros. rewrite Ex by auto. f_equal. apply sum_ext; intros. rewrite EA, Ey; auto. Qed.

Lemma form_symmetric n A x y : (forall i j, A i j = A j i) -> form n A x y = form n A y x.
Proof.
  intros E. unfold form. transitivity (sum n (fun i => sum n (fun j => x i * (A i j * y j)))).
  { apply sum_ext; intros. rewrite sum_scale. reflexivity. }
  rewrite sum_swap. apply sum_ext; intros i _. rewrite <- sum_scale. apply sum_ext; intros j _. rewrite (E j i). ring.
Qed.

Lemma form_plus_scaled n A x y t : (forall i j, A i j = A j i) ->
  form n A (fun i => x i + t * y i) (fun i => x i + t * y i) = form n A x x + 2 * t * form n A x y + t * t * form n A y y.
Proof.
  intros E.
  assert (R : forall u, form n A u (fun i => x i + t * y i) = form n A u x + t * form n A u y).
  { intros u. unfold form. rewrite <- sum_scale, <- sum_plus. apply sum_ext; intros i _.
    rewrite (sum_ext n _ (fun j => A i j * x j + t * (A i j * y j))) by (intros; ring).
    rewrite sum_plus, sum_scale. ring. }
  rewrite R, (form_symmetric n A _ x E), (form_symmetric n A _ y E), !R, (form_symmetric n A y x E). ring.
Qed.

Lemma form_identity n x y : form n delta x y = sum n (fun i => x i * y i).
Proof. apply sum_ext; intros. rewrite sum_delta by auto. reflexivity. Qed.

(** A quadratic polynomial without negative values has no positive discriminant. *)
Lemma discriminant a b c : (forall t, 0 <= a + 2 * t * b + t * t * c) -> b * b <= a * c.
Proof.
  intros P. assert (Ha : 0 <= a) by (specialize (P 0); lra).
  destruct (Req_dec c 0) as [->|Nc].
  - destruct (Req_dec b 0) as [->|Nb]; [lra|]. specialize (P (- (a + 1) / (2 * b))).
    replace (a + 2 * (- (a + 1) / (2 * b)) * b + _) with (- 1) in P by (field; auto). lra.
  - assert (Hc : 0 < c).
    { destruct (Rlt_dec 0 c); auto. exfalso. assert (n' : c < 0) by lra.
      assert (Q := P ((Rabs b + a + 1) / - c + 1)).
      assert (Q' := P (- ((Rabs b + a + 1) / - c + 1))).
      set (t := (Rabs b + a + 1) / - c + 1) in *.
      assert (Ht : - c * t = Rabs b + a + 1 - c) by (unfold t; field; lra).
      assert (Rabs b >= 0) by (apply Rle_ge, Rabs_pos).
      assert (t >= 1). { unfold t. assert (0 <= (Rabs b + a + 1) / - c); [|lra]. apply Rmult_le_pos; [lra|]. left. apply Rinv_0_lt_compat. lra. }
      assert (t * t * c = - (t * (Rabs b + a + 1 - c))) by (rewrite <- Ht; ring). nra. }
    specialize (P (- b / c)). replace (a + 2 * (- b / c) * b + - b / c * (- b / c) * c) with ((a * c - b * b) / c) in P by (field; auto).
    apply Rmult_le_compat_r with (r := c) in P; [|lra]. unfold Rdiv in P. rewrite Rmult_assoc, Rinv_l in P by auto. lra.
Qed.

Theorem form_cauchy_schwarz n A x y :
  (forall i j, A i j = A j i) -> (forall z, 0 <= form n A z z) -> form n A x y * form n A x y <= form n A x x * form n A y y.
Proof. intros E P. apply discriminant. intros t. rewrite <- form_plus_scaled by auto. apply P. Qed.

Theorem sum_cauchy_schwarz n x y : sum n (fun i => x i * y i) * sum n (fun i => x i * y i) <= sqnorm n x * sqnorm n y.
Proof.
  unfold sqnorm. rewrite <- !form_identity. apply form_cauchy_schwarz.
  - intros i j. unfold delta. rewrite Nat.eqb_sym. reflexivity.
  - intros z. rewrite form_identity. apply sqnorm_nonneg.
Qed.

Lemma abs_le_of_sq a b : 0 <= b -> a * a <= b * b -> Rabs a <= b.
Proof. intros Hb H. apply Rabs_le. nra. Qed.

Corollary sum_product_bound n x y : Rabs (sum n (fun i => x i * y i)) <= norm n x * norm n y.
Proof.
  apply abs_le_of_sq; [apply Rmult_le_pos; apply norm_nonneg|].
  replace (norm n x * norm n y * (norm n x * norm n y)) with ((norm n x * norm n x) * (norm n y * norm n y)) by ring.
  rewrite !norm_squared. apply sum_cauchy_schwarz.
Qed.

Theorem norm_triangle n x y : norm n (fun i => x i + y i) <= norm n x + norm n y.
Proof.
  apply norm_le_of_sq; [assert (X := norm_nonneg n x); assert (Y := norm_nonneg n y); lra|].
  assert (C := Rle_trans _ _ _ (Rle_abs _) (sum_product_bound n x y)).
  replace (sqnorm n (fun i => x i + y i)) with (sqnorm n x + 2 * sum n (fun i => x i * y i) + sqnorm n y).
  - rewrite <- !norm_squared. lra.
  - unfold sqnorm. rewrite <- sum_scale, <- !sum_plus. apply sum_ext; intros; ring.
Qed.

(** |x^T A y| is at most the Frobenius norm of A times |x||y|; here with x = y and squares. *)
Theorem frobenius n A x c : 0 <= c -> sum n (fun i => sqnorm n (A i)) <= c * c -> Rabs (form n A x x) <= c * sqnorm n x.
Proof.
  intros Hc H. assert (X := sqnorm_nonneg n x). apply abs_le_of_sq; [apply Rmult_le_pos; auto|].
  eapply Rle_trans; [apply (sum_cauchy_schwarz n x (fun i => sum n (fun j => A i j * x j)))|].
  replace (c * sqnorm n x * (c * sqnorm n x)) with (sqnorm n x * (sqnorm n x * (c * c))) by ring.
  apply Rmult_le_compat_l; auto.
  apply Rle_trans with (sqnorm n x * sum n (fun i => sqnorm n (A i))); [|apply Rmult_le_compat_l; auto].
  rewrite <- sum_scale. apply sum_le; intros i _. rewrite (Rmult_comm (sqnorm n x)). apply (sum_cauchy_schwarz n (A i) x).
Qed.
