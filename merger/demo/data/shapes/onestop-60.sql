CREATE TABLE "Group" (
    Id TEXT PRIMARY KEY, GroupCode TEXT NOT NULL UNIQUE, GroupName TEXT NOT NULL, OfGroupCode TEXT,
    Type TEXT NOT NULL, MaDinhDanh TEXT, MaTinh TEXT, MaHuyen TEXT, MaXa TEXT,
    SoHienTai INTEGER NOT NULL DEFAULT 0, NgayHienTai TEXT, Active INTEGER NOT NULL DEFAULT 1);
CREATE TABLE TaiKhoan (
    Id TEXT PRIMARY KEY, UserName TEXT NOT NULL UNIQUE, FullName TEXT NOT NULL, PositionName TEXT,
    GroupCode TEXT REFERENCES "Group" (GroupCode), SoDienThoai TEXT, Email TEXT,
    Active INTEGER NOT NULL DEFAULT 1, CreatedOn TEXT NOT NULL);
CREATE TABLE CongDan (
    Id TEXT PRIMARY KEY, HoTen TEXT NOT NULL, LoaiGiayTo TEXT, SoDinhDanh TEXT, NgaySinh TEXT,
    SoDienThoai TEXT, Email TEXT, DiaChi TEXT, MaXa TEXT, CreatedOn TEXT NOT NULL);
CREATE TABLE HoSo (
    Id TEXT PRIMARY KEY, MaHoSo TEXT UNIQUE, MaHoSoKhac TEXT, DonViId TEXT, KenhThucHien TEXT, LoaiDoiTuong TEXT,
    MaDoiTuong TEXT, ChuHoSo TEXT, SoDienThoaiChuHoSo TEXT, EmailChuHoSo TEXT, LoaiGiayToChuHoSo TEXT,
    SoGiayToChuHoSo TEXT, NgaySinhChuHoSo TEXT, DiaChiChuHoSo TEXT, TinhThanhDiaBan TEXT, QuanHuyenDiaBan TEXT,
    XaPhuongDiaBan TEXT, TenDiaBan TEXT, TrichYeuHoSo TEXT, MaTTHC TEXT, TenLinhVuc TEXT, NgayNopHoSo TEXT,
    NgayTiepNhan TEXT, NgayHenTra TEXT, NgayKetThucXuLy TEXT, NgayTra TEXT, TrangThaiHoSoId TEXT NOT NULL,
    TrangThaiBoSung TEXT, NgayYeuCauBoSung TEXT, NguoiNhanHoSo TEXT, NguoiDangXuLy TEXT, NguoiDaXuLy TEXT,
    NguoiXuLyTiep TEXT, BuocHienTai TEXT, TenBuocHienTai TEXT, DonViPhiDiaGioi TEXT, ViTriDeHoSo TEXT,
    GhiChu TEXT, CreatedOn TEXT NOT NULL, LastModifiedOn TEXT);
CREATE TABLE ThanhPhanHoSo (
    Id TEXT PRIMARY KEY, HoSo TEXT, Ten TEXT NOT NULL, MaGiayTo TEXT, DinhKem TEXT, SoBanChinh INTEGER,
    NhanBanGiay INTEGER, CreatedOn TEXT NOT NULL);
CREATE TABLE QuaTrinhXuLyHoSo (
    Id TEXT PRIMARY KEY, MaHoSo TEXT NOT NULL, ThoiGian TEXT, TrangThai TEXT NOT NULL, NguoiGui TEXT NOT NULL,
    TenNguoiGui TEXT, NguoiNhan TEXT, ThaoTac TEXT NOT NULL, NoiDung TEXT, NgayHetHanBuocXuLy TEXT);
CREATE TABLE YeuCauThanhToan (
    Id TEXT PRIMARY KEY, MaHoSo TEXT NOT NULL, Ma TEXT NOT NULL, SoTien INTEGER NOT NULL, Phi INTEGER NOT NULL,
    LePhi INTEGER NOT NULL, TrangThai TEXT NOT NULL, NgayYeuCau TEXT, NgayThuPhi TEXT, DonViThu TEXT,
    HinhThucThanhToan TEXT, SoBienLai TEXT, NguoiNopTienBienLai TEXT);
CREATE TABLE NguoiXuLyHoSo (
    Id TEXT PRIMARY KEY, NguoiXuLy TEXT NOT NULL, HoSoId TEXT NOT NULL, TrangThai TEXT NOT NULL);
