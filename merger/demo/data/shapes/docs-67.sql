CREATE TABLE don_vi (
    ma_don_vi TEXT PRIMARY KEY, ten_don_vi TEXT NOT NULL, ma_dinh_danh TEXT, cap INTEGER NOT NULL);
CREATE TABLE can_bo (
    ma_can_bo TEXT PRIMARY KEY, tai_khoan TEXT NOT NULL UNIQUE, ho_ten TEXT NOT NULL, chuc_vu TEXT,
    ma_don_vi TEXT REFERENCES don_vi (ma_don_vi), dien_thoai TEXT, thu_dien_tu TEXT, khoa INTEGER NOT NULL,
    ngay_tao TEXT NOT NULL);
CREATE TABLE so_van_ban (
    ma_so TEXT PRIMARY KEY, ma_don_vi TEXT NOT NULL, loai TEXT NOT NULL, ky_hieu TEXT NOT NULL,
    ten_so TEXT NOT NULL, nam INTEGER NOT NULL, ngay_mo TEXT NOT NULL);
CREATE TABLE van_ban_den (
    ma_van_ban TEXT PRIMARY KEY, ma_so TEXT, ma_don_vi TEXT, so_den INTEGER, ngay_den TEXT, so TEXT, ky_hieu TEXT,
    ngay_ban_hanh TEXT, co_quan_ban_hanh TEXT, ma_co_quan TEXT, trich_yeu TEXT, nguoi_ky TEXT, loai_van_ban TEXT,
    do_khan TEXT, do_mat TEXT, han_xu_ly TEXT, noi_nhan TEXT, ma_lien_thong TEXT, tinh_trang TEXT NOT NULL,
    nguoi_tao TEXT, ngay_tao TEXT NOT NULL);
CREATE TABLE van_ban_di (
    ma_van_ban TEXT PRIMARY KEY, ma_so TEXT, ma_don_vi TEXT, so TEXT, ky_hieu TEXT, ngay_ban_hanh TEXT,
    ma_co_quan TEXT, trich_yeu TEXT, nguoi_ky TEXT, loai_van_ban TEXT, do_khan TEXT, do_mat TEXT, noi_nhan TEXT,
    tinh_trang TEXT NOT NULL, nguoi_tao TEXT, ngay_tao TEXT NOT NULL);
CREATE TABLE tep_den (
    ma_tep TEXT PRIMARY KEY, ma_van_ban TEXT NOT NULL, ten_tep TEXT NOT NULL, duong_dan TEXT NOT NULL,
    dung_luong INTEGER, ngay_tao TEXT NOT NULL);
CREATE TABLE tep_di (
    ma_tep TEXT PRIMARY KEY, ma_van_ban TEXT NOT NULL, ten_tep TEXT NOT NULL, duong_dan TEXT NOT NULL,
    dung_luong INTEGER, ngay_tao TEXT NOT NULL);
CREATE TABLE xu_ly (
    ma_buoc TEXT PRIMARY KEY, ma_van_ban TEXT NOT NULL, hanh_dong TEXT NOT NULL, nguoi_chuyen TEXT, nguoi_nhan TEXT,
    y_kien TEXT, thoi_diem TEXT NOT NULL);
