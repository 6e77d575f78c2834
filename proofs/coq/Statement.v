(** The statements that certificates prove: everything a reader must understand, and nothing else.

    K students (rows of W), M teachers (rows of V), inputs x ~ N(0, I_d).  The population loss is DEFINED here by its
    closed form: that 1/2 E (sum_i ReLU(w_i.x) - sum_m ReLU(v_m.x))^2 equals it (Cho and Saul 2009) is not proved in Coq. *)

From Coq Require Import Reals.
From Coquelicot Require Import Coquelicot.
From Certify Require Import Sums Kernel.
Open Scope R_scope.

(** A matrix is a function of row and column; only rows below K and columns below d matter. *)
Definition matrix := nat -> nat -> R.

(** L(W), with g of Kernel.v: g(u, v) = |u||v|/(2 pi) (sin a + (pi - a) cos a), a the angle of u and v. *)
Definition Loss (K M d : nat) (V W : matrix) : R :=
  1 / 2 * sum K (fun i => sum K (fun j => g d (W i) (W j)))
  - sum K (fun i => sum M (fun m => g d (W i) (V m)))
  + 1 / 2 * sum M (fun m => sum M (fun n => g d (V m) (V n))).

(** The square of the Frobenius norm of W - W'. *)
Definition sqdist (K d : nat) (W W' : matrix) : R :=
  sum K (fun i => sum d (fun k => (W i k - W' i k) * (W i k - W' i k))).

(** Every entry of W is within r of that of W0. *)
Definition in_box (K d : nat) (W0 : matrix) (r : R) (W : matrix) : Prop :=
  forall i k, (i < K)%nat -> (k < d)%nat -> Rabs (W i k - W0 i k) <= r.

(** Every directional derivative vanishes. *)
Definition stationary (K M d : nat) (V W : matrix) : Prop :=
  forall Z : matrix, is_derive (fun t => Loss K M d V (fun i k => W i k + t * Z i k)) 0 0.

(** Every second directional derivative exists and is at least mu |Z|^2. *)
Definition curvature_at_least (K M d : nat) (V : matrix) (mu : R) (W : matrix) : Prop :=
  forall Z : matrix, exists h, mu * sqdist K d Z (fun _ _ => 0) <= h /\
    is_derive_n (fun t => Loss K M d V (fun i k => W i k + t * Z i k)) 2 0 h.

(** The textbook definition. *)
Definition strict_local_minimum (K M d : nat) (V W : matrix) : Prop :=
  exists eps, 0 < eps /\
    forall W', sqdist K d W' W < eps * eps -> 0 < sqdist K d W' W -> Loss K M d V W < Loss K M d V W'.

Definition not_global (K M d : nat) (V W : matrix) : Prop := exists U, Loss K M d V U < Loss K M d V W.

(** What a certificate says.  W0: the centre; r: half the side of the box; rho: the error radius. *)
Record certified (K M d : nat) (V W0 : matrix) (r rho mu lower upper : R) (W : matrix) : Prop := {
  near : sqdist K d W W0 <= rho * rho;
  critical : stationary K M d V W;
  only_one : forall W', in_box K d W0 r W' -> stationary K M d V W' -> sqdist K d W' W = 0;
  curvature : forall W', in_box K d W0 r W' -> curvature_at_least K M d V mu W';
  growth : forall W', in_box K d W0 r W' -> Loss K M d V W + mu / 2 * sqdist K d W' W <= Loss K M d V W';
  minimum : strict_local_minimum K M d V W;
  bounds : lower <= Loss K M d V W <= upper }.
