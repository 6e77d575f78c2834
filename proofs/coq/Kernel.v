(** The kernel g(u, v) = E ReLU(u.x) ReLU(v.x) in closed form, and its two derivatives along lines.

    With P = |u|^2, Q = |v|^2, r = u.v and D = P Q - r^2 > 0 (rows neither zero nor parallel), [pair_value] is
    2 pi g, [pair_slope] its gradient and [same_block], [cross_block] its Hessian: T1 of docs/theorems.md. *)

From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From Certify Require Import Sums Contraction Convexity.
Open Scope R_scope.

Section Kernel.
Variable d : nat.

(** * The definition *)

Definition inner (u v : nat -> R) : R := sum d (fun k => u k * v k).
Definition magnitude (u : nat -> R) : R := sqrt (inner u u).
Definition angle (u v : nat -> R) : R := acos (inner u v / (magnitude u * magnitude v)).
Definition g (u v : nat -> R) : R :=
  magnitude u * magnitude v / (2 * PI) * (sin (angle u v) + (PI - angle u v) * cos (angle u v)).

(** * Pairs that are not parallel *)

Definition gram (u v : nat -> R) : R := inner u u * inner v v - inner u v * inner u v.
Definition area (u v : nat -> R) : R := sqrt (gram u v).
(** pi minus the angle of u and v *)
Definition turn (u v : nat -> R) : R := PI / 2 + atan (inner u v / area u v).
Definition pair_value (u v : nat -> R) : R := area u v + inner u v * turn u v.
Definition pair_slope (u v : nat -> R) (k : nat) : R := area u v / inner u u * u k + turn u v * v k.
(** the part of v across u *)
Definition across (u v : nat -> R) (k : nat) : R := v k - inner u v / inner u u * u k.
Definition same_block (u v : nat -> R) (k l : nat) : R :=
  across u v k * across u v l / area u v + area u v / inner u u * (delta k l - u k * u l / inner u u).
Definition cross_block (u v : nat -> R) (k l : nat) : R :=
  across u v k * across v u l / area u v + area u v / (inner u u * inner v v) * (u k * v l) + turn u v * delta k l.

Lemma inner_symmetric u v : inner u v = inner v u.
Proof. apply sum_ext; intros; ring. Qed.

Lemma inner_nonneg u : 0 <= inner u u.
Proof. apply sqnorm_nonneg. Qed.

Lemma gram_symmetric u v : gram u v = gram v u.
Proof. unfold gram. rewrite (inner_symmetric u v). ring. Qed.

Lemma area_symmetric u v : area u v = area v u.
Proof. unfold area. rewrite gram_symmetric. reflexivity. Qed.

Lemma turn_symmetric u v : turn u v = turn v u.
Proof. unfold turn. rewrite area_symmetric, inner_symmetric. reflexivity. Qed.

Lemma pair_value_symmetric u v : pair_value u v = pair_value v u.
Proof. unfold pair_value. rewrite area_symmetric, turn_symmetric, inner_symmetric. reflexivity. Qed.

Lemma same_block_symmetric u v k l : same_block u v k l = same_block u v l k.
Proof. unfold same_block, delta. rewrite Nat.eqb_sym. unfold Rdiv. ring. Qed.

Lemma cross_block_symmetric u v k l : cross_block u v k l = cross_block v u l k.
Proof.
  unfold cross_block, delta. rewrite area_symmetric, turn_symmetric, Nat.eqb_sym, (Rmult_comm (inner u u)).
  unfold Rdiv. ring.
Qed.

Lemma g_symmetric u v : g u v = g v u.
Proof. unfold g, angle. rewrite inner_symmetric, (Rmult_comm (magnitude u)). reflexivity. Qed.

Lemma inner_ext u u' v v' :
  (forall k, (k < d)%nat -> u k = u' k) -> (forall k, (k < d)%nat -> v k = v' k) -> inner u v = inner u' v'.
Proof. intros A B. apply sum_ext; intros. rewrite A, B; auto. Qed.

Lemma g_ext u u' v v' :
  (forall k, (k < d)%nat -> u k = u' k) -> (forall k, (k < d)%nat -> v k = v' k) -> g u v = g u' v'.
Proof.
  intros A B. unfold g, angle, magnitude. rewrite (inner_ext u u' v v'), (inner_ext u u' u u'), (inner_ext v v' v v') by auto.
  reflexivity.
Qed.

Lemma gram_positive u v : 0 < gram u v -> 0 < inner u u /\ 0 < inner v v.
Proof. unfold gram. assert (A := inner_nonneg u). assert (B := inner_nonneg v). intros. nra. Qed.

Lemma inner_combination p q u v z : inner (fun k => p * u k + q * v k) z = p * inner z u + q * inner z v.
Proof. unfold inner. rewrite <- !sum_scale, <- sum_plus. apply sum_ext; intros; ring. Qed.

(** * Values *)

Theorem g_pair u v : 0 < gram u v -> 2 * PI * g u v = pair_value u v.
Proof.
  intros D. destruct (gram_positive u v D) as [HP HQ]. unfold pair_value, turn, area, gram, g, angle, magnitude in *.
  set (P := inner u u) in *. set (Q := inner v v) in *. set (r := inner u v) in *. clearbody P Q r.
  assert (Hp : 0 < sqrt P) by (apply sqrt_lt_R0; auto). assert (Hq : 0 < sqrt Q) by (apply sqrt_lt_R0; auto).
  set (a := sqrt P * sqrt Q). assert (Ha : 0 < a) by (apply Rmult_lt_0_compat; auto).
  assert (aa : a * a = P * Q).
  { unfold a. replace (sqrt P * sqrt Q * (sqrt P * sqrt Q)) with ((sqrt P * sqrt P) * (sqrt Q * sqrt Q)) by ring.
    rewrite !sqrt_sqrt by lra. reflexivity. }
  set (x := r / a). assert (Er : r = a * x) by (unfold x; field; lra).
  assert (Es : P * Q - r * r = a * a * (1 - Rsqr x)) by (unfold Rsqr; rewrite <- aa, Er; ring).
  assert (Hx : 0 < 1 - Rsqr x). { apply Rmult_lt_reg_l with (a * a); [nra|]. rewrite <- Es. lra. }
  assert (Ix : -1 < x < 1) by (unfold Rsqr in Hx; nra).
  assert (Ss : sqrt (P * Q - r * r) = a * sqrt (1 - Rsqr x)).
  { rewrite Es, sqrt_mult_alt by nra. rewrite sqrt_square by lra. reflexivity. }
  assert (Hs : 0 < sqrt (1 - Rsqr x)) by (apply sqrt_lt_R0; auto).
  rewrite Ss, cos_acos, sin_acos by lra. rewrite acos_asin, asin_atan by lra.
  replace (r / (a * sqrt (1 - Rsqr x))) with (x / sqrt (1 - Rsqr x)) by (rewrite Er; field; lra).
  assert (pi := PI_RGT_0). rewrite Er. fold a. field. lra.
Qed.

Lemma g_self u : 2 * PI * g u u = PI * inner u u.
Proof.
  unfold g, angle, magnitude. assert (N := inner_nonneg u). rewrite sqrt_sqrt by auto. assert (pi := PI_RGT_0).
  destruct (Req_dec (inner u u) 0) as [->|Z]; [field; lra|].
  unfold Rdiv at 2 3 4. rewrite Rinv_r by auto. rewrite acos_1, sin_0, cos_0. field. lra.
Qed.

Lemma g_scale c u v : 0 < c -> g (fun k => c * u k) v = c * g u v.
Proof.
  intros Hc. assert (E : inner (fun k => c * u k) v = c * inner u v).
  { unfold inner. rewrite <- sum_scale. apply sum_ext; intros; ring. }
  assert (E' : magnitude (fun k => c * u k) = c * magnitude u).
  { unfold magnitude. replace (inner (fun k => c * u k) (fun k => c * u k)) with (c * c * inner u u).
    - rewrite sqrt_mult_alt by nra. rewrite sqrt_square by lra. reflexivity.
    - unfold inner. rewrite <- sum_scale. apply sum_ext; intros; ring. }
  unfold g, angle. rewrite E, E'.
  replace (c * inner u v / (c * magnitude u * magnitude v)) with (inner u v / (magnitude u * magnitude v)); [unfold Rdiv; ring|].
  unfold Rdiv. rewrite !Rinv_mult.
  replace (c * inner u v * (/ c * / magnitude u * / magnitude v)) with (c * / c * (inner u v * (/ magnitude u * / magnitude v))) by ring.
  rewrite Rinv_r by lra. ring.
Qed.

(** * The blocks as maps *)

Lemma across_sum p u v z :
  sum d (fun l => p * (across u v l * z l)) = p * (inner z v - inner u v / inner u u * inner z u).
Proof.
  rewrite sum_scale. f_equal. unfold across. generalize (inner u v / inner u u). intros q. unfold inner.
  rewrite <- sum_scale, <- sum_minus. apply sum_ext; intros; ring.
Qed.

Lemma same_block_sum u v z k : (k < d)%nat -> sum d (fun l => same_block u v k l * z l) =
  across u v k / area u v * (inner z v - inner u v / inner u u * inner z u)
  + area u v / inner u u * (z k - u k / inner u u * inner z u).
Proof.
  intros Hk. rewrite <- across_sum.
  rewrite (sum_ext d _ (fun l => across u v k / area u v * (across u v l * z l)
    + area u v / inner u u * (delta k l * z l - u k / inner u u * (z l * u l)))).
  - rewrite sum_plus, (sum_scale d (area u v / inner u u)), sum_minus, sum_delta, (sum_scale d (u k / inner u u)) by auto.
    reflexivity.
  - intros l Hl. unfold same_block, Rdiv. ring.
Qed.

Lemma cross_block_sum u v y k : (k < d)%nat -> sum d (fun l => cross_block u v k l * y l) =
  across u v k / area u v * (inner y u - inner v u / inner v v * inner y v)
  + area u v / (inner u u * inner v v) * (u k * inner y v) + turn u v * y k.
Proof.
  intros Hk. rewrite <- across_sum.
  rewrite (sum_ext d _ (fun l => across u v k / area u v * (across v u l * y l)
    + area u v / (inner u u * inner v v) * u k * (y l * v l) + turn u v * (delta k l * y l))).
  - rewrite !sum_plus, (sum_scale d (area u v / (inner u u * inner v v) * u k)), (sum_scale d (turn u v)), sum_delta by auto.
    change (sum d (fun l => y l * v l)) with (inner y v). ring.
  - intros l Hl. unfold cross_block, Rdiv. ring.
Qed.

(** * Derivatives along a line (u + t z, v + t y) *)

Section Along.
Variables u v z y : nat -> R.
Let U := line u z.
Let V := line v y.
Variable t : R.
Hypothesis D : 0 < gram (U t) (V t).
Notation P := (inner (U t) (U t)).
Notation Q := (inner (V t) (V t)).
Notation r := (inner (U t) (V t)).
Notation s := (area (U t) (V t)).

Lemma derive_inner u' v' z' y' (t' : R) :
  is_derive (fun t => inner (line u' z' t) (line v' y' t)) t' (inner z' (line v' y' t') + inner (line u' z' t') y').
Proof.
  unfold inner. rewrite <- sum_plus. apply derive_sum. intros i Hi. apply derive_mult; apply derive_line.
Qed.

Definition a := inner z (U t).
Definition b := inner y (V t).
Definition c := inner z (V t) + inner (U t) y.

Lemma derive_P : is_derive (fun t => inner (U t) (U t)) t (2 * a).
Proof. eapply derive_to; [apply derive_inner|]. unfold a, U. rewrite (inner_symmetric z). ring. Qed.
Lemma derive_Q : is_derive (fun t => inner (V t) (V t)) t (2 * b).
Proof. eapply derive_to; [apply derive_inner|]. unfold b, V. rewrite (inner_symmetric y). ring. Qed.
Lemma derive_r : is_derive (fun t => inner (U t) (V t)) t c.
Proof. apply derive_inner. Qed.

Lemma positive_parts : 0 < P /\ 0 < Q /\ 0 < s /\ s * s = P * Q - r * r.
Proof.
  destruct (gram_positive _ _ D) as [HP HQ]. repeat split; auto; [apply sqrt_lt_R0; auto|].
  unfold area. rewrite sqrt_sqrt by lra. reflexivity.
Qed.

(** One variable: the same with functions p, q, w for P, Q, r. *)
Lemma derive_area_of (p q w : R -> R) (p' q' w' : R) : is_derive p t p' -> is_derive q t q' -> is_derive w t w' ->
  0 < p t * q t - w t * w t ->
  is_derive (fun t => sqrt (p t * q t - w t * w t)) t ((p' * q t + p t * q' - 2 * w t * w') / (2 * sqrt (p t * q t - w t * w t))).
Proof.
  intros Dp Dq Dw H. assert (Hs : 0 < sqrt (p t * q t - w t * w t)) by (apply sqrt_lt_R0; auto).
  assert (Di := derive_minus _ _ t _ _ (derive_mult p q t p' q' Dp Dq) (derive_mult w w t w' w' Dw Dw)).
  assert (Ds : is_derive sqrt (p t * q t - w t * w t) (/ (2 * sqrt (p t * q t - w t * w t)))).
  { apply is_derive_Reals, derivable_pt_lim_sqrt. exact H. }
  eapply derive_to; [exact (derive_compose sqrt _ t _ _ Ds Di)|]. unfold Rdiv. ring.
Qed.

Lemma derive_area : is_derive (fun t => area (U t) (V t)) t ((a * Q + P * b - r * c) / s).
Proof.
  eapply derive_to; [apply (derive_area_of _ _ _ _ _ _ derive_P derive_Q derive_r D)|].
  fold (gram (U t) (V t)). fold s. destruct positive_parts as [_ [_ [Hs _]]]. field. lra.
Qed.

Lemma derive_quotient (f h : R -> R) (f' h' : R) : is_derive f t f' -> is_derive h t h' -> h t <> 0 ->
  is_derive (fun t => f t / h t) t ((f' * h t - f t * h') / (h t * h t)).
Proof. intros A B N. eapply derive_to; [exact (is_derive_div f h t f' h' A B N)|]. field. auto. Qed.

Lemma derive_turn : is_derive (fun t => turn (U t) (V t)) t (c / s - r / s * (a / P + b / Q)).
Proof.
  destruct positive_parts as [HP [HQ [Hs E]]].
  assert (A : is_derive (fun t => atan (inner (U t) (V t) / area (U t) (V t))) t
    (/ (1 + (r / s) * (r / s)) * ((c * s - r * ((a * Q + P * b - r * c) / s)) / (s * s)))).
  { assert (Dt : is_derive atan (r / s) (/ (1 + (r / s) ^ 2))) by (apply is_derive_Reals, derivable_pt_lim_atan).
    assert (Dq := derive_quotient _ _ _ _ derive_r derive_area (Rgt_not_eq _ _ Hs)).
    eapply derive_to; [exact (derive_compose atan _ t _ _ Dt Dq)|]. simpl pow. rewrite Rmult_1_r. unfold Rdiv. ring. }
  eapply derive_to; [apply derive_plus; [apply derive_const|apply A]|].
  assert (N : s * s + r * r = P * Q) by lra.
  replace (1 + r / s * (r / s)) with (P * Q / (s * s)) by (rewrite <- N; field; lra).
  assert (c * s - r * ((a * Q + P * b - r * c) / s) = (c * (P * Q) - r * (a * Q + P * b)) / s) as ->.
  { rewrite <- N. field. lra. }
  field. lra.
Qed.

Theorem derive_pair_value : is_derive (fun t => pair_value (U t) (V t)) t
  (inner (pair_slope (U t) (V t)) z + inner (pair_slope (V t) (U t)) y).
Proof.
  destruct positive_parts as [HP [HQ [Hs E]]].
  eapply derive_to; [apply derive_plus; [apply derive_area|apply derive_mult; [apply derive_r|apply derive_turn]]|].
  assert (S1 : inner (pair_slope (U t) (V t)) z = s / P * a + turn (U t) (V t) * inner z (V t)).
  { exact (inner_combination _ _ _ _ _). }
  assert (S2 : inner (pair_slope (V t) (U t)) y = s / Q * b + turn (U t) (V t) * inner (U t) y).
  { unfold pair_slope. rewrite inner_combination, (turn_symmetric (V t)), (area_symmetric (V t)), (inner_symmetric y (U t)).
    reflexivity. }
  rewrite S1, S2. unfold c at 2.
  replace (s / P * a) with (s * s * a / (P * s)) by (field; lra).
  replace (s / Q * b) with (s * s * b / (Q * s)) by (field; lra). rewrite E. field. lra.
Qed.

Theorem derive_pair_slope k : (k < d)%nat -> is_derive (fun t => pair_slope (U t) (V t) k) t
  (sum d (fun l => same_block (U t) (V t) k l * z l) + sum d (fun l => cross_block (U t) (V t) k l * y l)).
Proof.
  intros Hk. destruct positive_parts as [HP [HQ [Hs E]]].
  eapply derive_to.
  - apply derive_plus; apply derive_mult;
      [apply derive_quotient; [apply derive_area|apply derive_P|lra]|apply derive_line|apply derive_turn|apply derive_line].
  - rewrite same_block_sum, cross_block_sum by auto.
    fold a b. rewrite (inner_symmetric y (U t)), (inner_symmetric (V t) (U t)). unfold across, c.
    set (x1 := inner z (V t)). set (x2 := inner (U t) y).
    replace (s / P * (z k - U t k / P * a)) with (s / P * z k - (s * s) * (U t k * a) / (P * P * s)) by (field; lra).
    replace (s / (P * Q) * (U t k * b)) with ((s * s) * (U t k * b) / (P * Q * s)) by (field; lra).
    replace (((a * Q + P * b - r * (x1 + x2)) / s * P - s * (2 * a)) / (P * P))
      with (((a * Q + P * b - r * (x1 + x2)) * P - 2 * (s * s) * a) / (s * (P * P))) by (field; lra).
    rewrite E. field. lra.
Qed.
End Along.
End Kernel.
